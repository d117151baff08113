"""The point arithmetic of p256.py for a key with tables, on the field machine."""

from firmware.crypto.limbsp256_viper import run
from firmware.crypto.machine import ADD, COPY, LOAD, MUL, SUB, Machine, programs, signed_digits
from firmware.crypto.recode_viper import comb_script

_TURN = 16  # pairs between two pauses
_REGISTERS = 12
_X, _Y, _Z = 3, 4, 5
_A, _D, _G, _H, _S, _V = 6, 7, 8, 9, 10, 11
_R = _D
# 2^260 modulo the prime: 1 as Montgomery's multiplication has it.
_ONE = (0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF0000000000000000000000010).to_bytes(32, "little")

# Jacobian, x = X/Z^2, y = Y/Z^3. Where a sum is not what these formulas are made for (two
# equal or opposite points, or the neutral one), Z becomes 0, and stays 0 whatever follows.
_DOUBLE = (
    (COPY, 0, _Z, 0), (MUL, _D, _Z, 0),
    (COPY, 0, _Y, 0), (MUL, _G, _Y, 0), (MUL, _Z, _Z, 0), (ADD, _Z, _Z, _Z),
    (SUB, _A, _X, _D), (ADD, 0, _X, _D), (MUL, _A, _A, 0), (ADD, _D, _A, _A), (ADD, _A, _A, _D),
    (COPY, 0, _G, 0), (MUL, _S, _X, 0), (ADD, _S, _S, _S), (ADD, _S, _S, _S),
    (MUL, _G, _G, 0), (ADD, _G, _G, _G), (ADD, _G, _G, _G), (ADD, _G, _G, _G),
    (COPY, 0, _A, 0), (MUL, _X, _A, 0), (SUB, _X, _X, _S), (SUB, _X, _X, _S),
    (SUB, _S, _S, _X), (MUL, _Y, _S, 0), (SUB, _Y, _Y, _G),
)  # fmt: skip


def _addition(minus):
    """Add an affine entry of a table, or its opposite (S2 and R then have the other sign)."""
    return (
        (COPY, 0, _Z, 0), (MUL, _A, _Z, 0), (MUL, _S, _A, 0),
        (LOAD, 0, 0, 0), (MUL, _A, _A, 0), (SUB, _H, _A, _X),
        (LOAD, 0, 1, 0), (MUL, _S, _S, 0), (ADD if minus else SUB, _R, _S, _Y),
        (COPY, 0, _H, 0), (MUL, _Z, _Z, 0), (MUL, _A, _H, 0),
        (COPY, 0, _A, 0), (MUL, _V, _X, 0), (MUL, _H, _H, 0),
        (COPY, 0, _R, 0), (MUL, _X, _R, 0),
        (SUB, _X, _X, _H), (SUB, _X, _X, _V), (SUB, _X, _X, _V),
        (SUB, _V, _X, _V) if minus else (SUB, _V, _V, _X), (MUL, _V, _V, 0),
        (COPY, 0, _H, 0), (MUL, _Y, _Y, 0), (SUB, _Y, _V, _Y),
    )  # fmt: skip


_FIRST = ((LOAD, _X, 0, 0), (LOAD, _Y, 1, 0))
# The opposite of a first entry: 0 - y, from a register that is 0.
_FIRST_MINUS = _FIRST + ((SUB, _Y, _S, _Y),)
_CODE, _STARTS = programs(_DOUBLE, _addition(False), _addition(True), _FIRST, _FIRST_MINUS)
_DOUBLED, _PLUS, _MINUS, _BEGIN, _BEGIN_MINUS = _STARTS


async def combine_pinned(u1, u2, order, base_comb, key_comb, pause):
    """(X, Z) of u1*G + u2*Q, both times 2^260, by the combs of G and of Q.

    Z is 0 modulo the prime for the point at infinity and where the formulas do not hold:
    then the plain path has to decide.
    """
    with Machine(run, _REGISTERS, _CODE) as machine:
        machine.set(_Z, _ONE)
        script = bytearray(2 * 3 * 37)
        view = memoryview(script)
        for at in range(0, len(script), 6):
            script[at] = _DOUBLED
        comb_script(signed_digits(u1, order), view[2:], 6, _PLUS, _MINUS, 0)
        comb_script(signed_digits(u2, order), view[4:], 6, _PLUS, _MINUS, 64)
        # The first entry is where it begins: nothing to double, nothing to add it to.
        script[2] = _BEGIN if script[2] == _PLUS else _BEGIN_MINUS
        await machine.play(view[2:], len(script) - 2, _TURN, pause, base_comb, key_comb)
        return machine.get(_X), machine.get(_Z)
