"""Tables that speed up a pinned key, as host_client/tables.py makes them.

They are part of the trust anchor: with other tables a key would verify other signatures.
A digest binds them to their key and shows damage; who can write the flash can replace
both, as he can replace the key itself.
"""

from firmware.crypto.hmac import sha256

_HEAD = 4 + 32


def checked_combs(kind, key, tables):
    """The combs of the base point and of the key: views of the tables.

    kind: (magic, label, octets of a comb); key: the key's octets. Raises ValueError unless
    the tables are whole and made for this very key.
    """
    magic, label, length = kind
    view = memoryview(tables)
    if len(view) != _HEAD + 2 * length or bytes(view[:4]) != magic:
        raise ValueError("not tables of such a key")
    if sha256(label, key, view[_HEAD:]) != bytes(view[4:_HEAD]):
        raise ValueError("tables of another key, or damaged")
    return view[_HEAD : _HEAD + length], view[_HEAD + length :]
