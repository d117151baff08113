"""Lends the board's AES-GCM an AES where the interpreter has none.

MicroPython on a board has the module `cryptolib`; CPython has not, nor has MicroPython's
WebAssembly build. Imported before firmware.crypto.aes_gcm, this fills the gap for tests;
where there is a `cryptolib` it does nothing.
"""

import sys

try:
    import cryptolib  # noqa: F401 (is it there?)
except ImportError:
    from tests.device.textbook_aes import Ecb

    class _Lent:
        aes = Ecb

    sys.modules["cryptolib"] = _Lent
