"""What an order is wrapped in: CBOR, COSE, and the claims inside. No I/O, no policy."""
