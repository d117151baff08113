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
# or the .mpy wrong; memory may be short.
_ABSENT = (ImportError, AttributeError, SyntaxError, ValueError, MemoryError)
_loaded = {}


def load(name, octets):
    """The module firmware.crypto.<name>, or None if it cannot be had now.

    octets: executable memory that it takes, code of the largest architecture.
    """
    if switched_off:
        return None
    if name not in _loaded:
        if free_octets is not None and free_octets() < octets:
            return None
        try:
            _loaded[name] = __import__("firmware.crypto." + name, None, None, ("run",))
        except _ABSENT:
            _loaded[name] = None
    return _loaded[name]
