"""Where a certificate keeps its public key (RFC 5280 section 4.1), and nothing else of it.

The TLS library has parsed the certificate before; this walk only has to find the same place,
so it refuses whatever DER (X.690 section 10.1) would not have written.
"""

_SEQUENCE, _INTEGER, _VERSION = 0x30, 0x02, 0xA0
_FIELDS = (_INTEGER, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE)  # serial, algorithm, issuer,
# validity, subject; the SubjectPublicKeyInfo comes next
_MOST_LENGTH_OCTETS = 3


def public_key_info(certificate):
    """Return a view of the SubjectPublicKeyInfo, tag and length included. Raises ValueError.

    certificate: DER octets, nothing before or after them.
    """
    view = memoryview(certificate)
    start, end = _content(view, 0, len(view), _SEQUENCE)
    if end != len(view):
        raise ValueError("octets after the certificate")
    at, end = _content(view, start, end, _SEQUENCE)
    if at < end and view[at] == _VERSION:
        _, at = _content(view, at, end, _VERSION)
    for tag in _FIELDS:
        _, at = _content(view, at, end, tag)
    _, after = _content(view, at, end, _SEQUENCE)
    return view[at:after]


def _content(view, at, end, tag):
    """(start, end) of the content of the item at `at`, which must have this tag."""
    if end - at < 2 or view[at] != tag:
        raise ValueError("not the item that a certificate has here")
    length, at = view[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= _MOST_LENGTH_OCTETS or end - at < octets or view[at] == 0:
            raise ValueError("not a length of DER")
        length = 0
        for octet in view[at : at + octets]:
            length = length << 8 | octet
        at += octets
        if length < 0x80:
            raise ValueError("a length that DER writes shorter")
    if length > end - at:
        raise ValueError("an item that is longer than what holds it")
    return at, at + length
