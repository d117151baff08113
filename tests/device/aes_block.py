"""Lets the board's AES-GCM run on CPython: the interpreter's AES, lent by `cryptography`.

MicroPython has the module `cryptolib`; CPython has not. Imported before
firmware.crypto.aes_gcm, this fills the gap for tests; on MicroPython it does nothing.
"""

import sys


class _Ecb:
    def __init__(self, key, mode):
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        assert mode == 1, "only ECB is lent"
        self._cipher = Cipher(algorithms.AES(bytes(key)), modes.ECB())

    def encrypt(self, octets):
        encryptor = self._cipher.encryptor()
        return encryptor.update(bytes(octets)) + encryptor.finalize()


try:
    import cryptolib  # noqa: F401 (is it there?)
except ImportError:

    class _Lent:
        aes = _Ecb

    sys.modules["cryptolib"] = _Lent
