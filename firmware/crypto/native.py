"""Which modules of machine code (viper) are in use, and which fall back to plain integers.

A fast module is imported when it is first needed, for on most boards its code is copied
to executable memory, which the radios want too. There is always a plain path: it takes
over where the interpreter has no native emitter, where the module is not on the board,
and where it does not fit.
"""

# Set by the device: a function that says how many octets of executable memory are free
# in one piece. None: nobody knows, so it is tried.
free_octets = None

# Set by tests and by who wants to compare: no fast module is used while this is True.
switched_off = False

# What an import raises where there is no machine code: CPython has no module micropython, or
# one lent by a test that has no viper; an interpreter without an emitter finds the decorator
# or the .mpy wrong.
_ABSENT = (ImportError, AttributeError, SyntaxError, ValueError)
_loaded = {}
_present = set()  # modules of machine code that are in memory


# Octets of machine code, on xtensawin or rv32imc, whichever is more (a test compares), and
# which modules hold it for those that hold none themselves.
CODE_OCTETS = {
    "sha512_viper": 3700,
    "chacha20poly1305_viper": 3800,
    "ghash_viper": 2000,
    "limbs25519_viper": 12900,
    "limbsp256_viper": 6300,
    "recode_viper": 2700,
}
_CURVE25519 = ("limbs25519_viper", "recode_viper")
USES = {
    "powers25519": _CURVE25519,
    "x25519_fast": _CURVE25519,
    "ed25519_fast": _CURVE25519,
    "p256_fast": ("limbsp256_viper", "recode_viper"),
}


def choose(fast, plain):
    """The module firmware.crypto.<fast> or, if it cannot be had now, firmware.crypto.<plain>."""
    return load(fast) or _import(plain)


def load(fast):
    """The module firmware.crypto.<fast>, or None if it cannot be had now.

    That there is none is remembered; that it does not fit is tried again the next time.
    """
    if switched_off:
        return None
    if fast not in _loaded:
        if free_octets is not None and free_octets() < missing_octets(fast):
            return None
        try:
            _loaded[fast] = _import(fast)
            _present.update(USES.get(fast, (fast,)))
        except MemoryError:
            return None
        except _ABSENT:
            _loaded[fast] = None
    return _loaded[fast]


def missing_octets(fast):
    """Executable memory that loading a fast module would take: what is there is free."""
    octets = 0
    for name in USES.get(fast, (fast,)):
        if name not in _present:
            octets += CODE_OCTETS[name]
    return octets


def _import(name):
    # With names to import from it, __import__ gives the module itself, not its package.
    return __import__("firmware.crypto." + name, None, None, ("*",))
