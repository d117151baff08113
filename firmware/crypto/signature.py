"""Signature verification by COSE key: the algorithm belongs to the key, not the message.

An algorithm is a module; it is imported when a key of it is loaded, so a board carries
and loads only what its policy needs.
"""

from firmware.crypto.pacing import nothing

_KTY = 1
_ALG = 3
_OKP = 1
_EC2 = 2
_HSS_LMS = 5
# kty: the labels a key of it may have; a private key's -4 is none of them
_LABELS = {_OKP: (1, 3, -1, -2), _EC2: (1, 3, -1, -2, -3), _HSS_LMS: (1, 3, -1)}
# kty: the labels whose values are octets
_OCTETS = {_OKP: (-2,), _EC2: (-2, -3), _HSS_LMS: (-1,)}


class UnusableKey(ValueError):
    """A key that no signature is checked with: its shape, curve, point or algorithm."""


def _module(kty):
    if kty == _OKP:
        from firmware.crypto import ed25519 as module
    elif kty == _EC2:
        from firmware.crypto import p256 as module
    else:
        from firmware.crypto import hss as module
    return module


def load_key(cose_key, tables=None):
    """A verification key from a decoded COSE_Key map (CDDL `cose-key`).

    tables: what host_client/tables.py has made of this very key, for speed; kept by
    reference, not copied. Raises UnusableKey for anything but an Ed25519, P-256 or HSS/LMS
    public key with exactly the labels of its kind, for tables that are not this key's, and when
    the algorithm's module is not on the board.
    """
    kty = cose_key.get(_KTY) if isinstance(cose_key, dict) else None
    if isinstance(kty, bool) or kty not in _LABELS:
        raise UnusableKey("no such key type")
    for label, value in cose_key.items():
        if isinstance(label, bool) or label not in _LABELS[kty] or isinstance(value, bool):
            raise UnusableKey("a label or value that no public key has")
        if label in _OCTETS[kty] and not isinstance(value, bytes):
            raise UnusableKey("a value that is not octets")
    try:
        key = _module(kty).key_from_cose(cose_key, tables)
    except (ImportError, KeyError, ValueError) as error:
        raise UnusableKey(str(error))
    key.allowed = key.algorithms
    if _ALG in cose_key:
        if cose_key[_ALG] not in key.algorithms:
            raise UnusableKey("an algorithm of another key type")
        key.allowed = (cose_key[_ALG],)
    return key


async def verify(key, algorithm, message, signature, pause=nothing):
    """True if the signature over the message is good and the algorithm one of the key's.

    message: octets, or a tuple of octets that make it up.

    False for everything else; a bad signature never raises.
    """
    if isinstance(algorithm, bool) or algorithm not in key.allowed:
        return False
    return await key.verify(message, signature, pause)
