"""The next order, fetched from the server whose public key the factory gave this board."""
