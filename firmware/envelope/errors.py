"""What can be wrong with an envelope.

The classes say how far the checks came, never why they ended there: an order that does
not open and one whose signature is wrong look alike from outside.
"""


class EnvelopeError(Exception):
    """Root of this package's errors; its text holds nothing of the message."""


class CborError(EnvelopeError):
    """Not one deterministically encoded CBOR item (RFC 8949 section 4.2.1)."""


class NotAuthentic(EnvelopeError):
    """Not a COSE message that opens and verifies under the keys given."""


class MalformedOrder(EnvelopeError):
    """Authentic, but its claims are not those of latchkey.cddl."""
