"""The point arithmetic of ed25519.py on the field machine."""

from firmware.crypto.limbs25519_viper import run
from firmware.crypto.machine import (
    ADD,
    COPY,
    LOAD,
    MADD,
    MUL,
    PICK,
    PUT,
    SQR,
    SUB,
    Machine,
    programs,
    signed_digits,
)  # fmt: skip
from firmware.crypto.powers25519 import P, inverse
from firmware.crypto.recode_viper import comb_script, window_digits, window_script

_D2 = 2 * 37095705934669439343138083508754565189542113879843219016388785533085940283555 % P
_ONE = b"\x01" + bytes(31)
_COMB_TURN = 16  # pairs between two pauses
_WINDOW = 5
_BASE_WINDOW = 6
_BITS = 253

# Registers. The picked table is nine points of four registers each: Y - X, Y + X, 2d*T and
# 2*Z of 1, 3, ... 15 times a point and of twice it.
_X, _Y, _Z, _T = 3, 4, 5, 6
_A, _C, _D, _E, _G, _H, _D2_AT = 7, 8, 9, 10, 11, 12, 13
_TABLE = 14
_SPARE = 8  # entry of twice the point
_PINNED_REGISTERS = 13
_REGISTERS = _TABLE + 4 * 9

# Points are extended coordinates, x = X/Z, y = Y/Z, T = XY/Z. The formulas (Hisil, Wong,
# Carter, Dawson 2008, for a = -1) hold for any two points, equal, opposite or neutral.
_PRODUCTS = (
    (MUL, _X, _E, 0), (MUL, _Z, _G, 0),  # register 0 is F
    (COPY, 0, _H, 0), (MUL, _Y, _G, 0),
)  # fmt: skip
_KEEP_T = ((MUL, _T, _E, 0),)
_DOUBLE = (
    (COPY, 0, _X, 0), (SQR, _A, 0, 0),
    (COPY, 0, _Y, 0), (SQR, _H, 0, 0),
    (SUB, _G, _A, _H),
    (ADD, _H, _A, _H),
    (ADD, 0, _X, _Y), (SQR, _E, 0, 0), (SUB, _E, _H, _E),
    (COPY, 0, _Z, 0), (SQR, _C, 0, 0), (MADD, 0, _C, _G),  # F = 2*Z^2 + G
) + _PRODUCTS  # fmt: skip


def _addition(first, second, third, double_z, minus):
    """Instructions that add a table's point: three of its fields and what gives D."""
    f, g = (ADD, SUB) if minus else (SUB, ADD)
    if minus:
        first, second = second, first
    return (
        first, (SUB, _A, _Y, _X), (MUL, _A, _A, 0),
        second, (ADD, _H, _Y, _X), (MUL, _H, _H, 0),
        (SUB, _E, _H, _A), (ADD, _H, _H, _A),
        third, (MUL, _C, _T, 0),
    ) + double_z + ((g, _G, _D, _C), (f, 0, _D, _C)) + _PRODUCTS  # fmt: skip


def _loaded(minus):
    """Add or subtract an entry of a packed table: Y - X, Y + X, 2d*T for Z = 1."""
    fields = [(LOAD, 0, field, 0) for field in range(3)]
    return _addition(fields[0], fields[1], fields[2], ((ADD, _D, _Z, _Z),), minus)


def _picked(minus):
    """Add or subtract a point of the table in the registers."""
    fields = [(PICK, 0, _TABLE + field, 0) for field in range(4)]
    return _addition(fields[0], fields[1], fields[2], (fields[3], (MUL, _D, _Z, 0)), minus)


_STORE = (
    (SUB, _A, _Y, _X), (PUT, _TABLE, _A, 0),
    (ADD, _A, _Y, _X), (PUT, _TABLE + 1, _A, 0),
    (COPY, 0, _D2_AT, 0), (MUL, _A, _T, 0), (PUT, _TABLE + 2, _A, 0),
    (ADD, _A, _Z, _Z), (PUT, _TABLE + 3, _A, 0),
)  # fmt: skip


_CODE, _STARTS = programs(
    _DOUBLE, _DOUBLE + _KEEP_T,
    _picked(False) + _KEEP_T, _picked(True) + _KEEP_T, _picked(False), _picked(True),
    _loaded(False), _loaded(True), _loaded(False) + _KEEP_T, _loaded(True) + _KEEP_T,
    _STORE,
)  # fmt: skip
_DOUBLE_T, _PICKED_T, _PLUS, _MINUS, _PLUS_T, _MINUS_T, _STORED = (
    _STARTS[i] for i in (1, 2, 6, 7, 8, 9, 10)
)


# Script: 1, 2 (into the spare entry), 3, 5, ... 15 times the point.
_ODD_MULTIPLES = bytes((
    _STORED, 0, _DOUBLE_T, 0, _STORED, _SPARE, _PICKED_T, 0, _STORED, 1,
    _PICKED_T, _SPARE, _STORED, 2, _PICKED_T, _SPARE, _STORED, 3, _PICKED_T, _SPARE, _STORED, 4,
    _PICKED_T, _SPARE, _STORED, 5, _PICKED_T, _SPARE, _STORED, 6, _PICKED_T, _SPARE, _STORED, 7,
))  # fmt: skip


def _octets(value):
    return value.to_bytes(32, "little")


def _start(registers, x, y):
    """A machine whose point is (x, y), and T = xy."""
    machine = Machine(run, registers, _CODE, 2)
    for register, value in ((_X, x), (_Y, y), (_Z, 1), (_T, x * y % P)):
        machine.set(register, _octets(value))
    return machine


async def _encoded(machine, pause):
    z = await inverse(machine.get(_Z) % P, pause)
    x, y = machine.get(_X) * z % P, machine.get(_Y) * z % P
    return _octets(y | (x & 1) << 255)


async def combine_pinned(s, h, order, base_table, key_table, pause):
    """The 32 octets of s*B + h*K by the combs of B and of K, both of prime order."""
    with _start(_PINNED_REGISTERS, 0, 1) as machine:
        script = bytearray(2 * 3 * 37)
        view = memoryview(script)
        for at in range(0, len(script), 6):
            script[at] = _DOUBLE_T
        comb_script(signed_digits(s, order), view[2:], 6, _PLUS_T, _MINUS_T, 0)
        comb_script(signed_digits(h, order), view[4:], 6, _PLUS, _MINUS, 64)
        await machine.play(script, len(script), _COMB_TURN, pause, base_table, key_table)
        return await _encoded(machine, pause)


async def combine(s, h, x, y, pause):
    """The 32 octets of s*B + h*(x, y), for any point of the curve."""
    from firmware.crypto.ed25519_base import ODD_MULTIPLES  # late: a pinned key has tables

    with _start(_REGISTERS, x, y) as machine:
        machine.set(_D2_AT, _octets(_D2))
        await machine.play(_ODD_MULTIPLES, len(_ODD_MULTIPLES), _COMB_TURN, pause)
        first, second = bytearray(_BITS + 2), bytearray(_BITS + 2)
        window_digits(h.to_bytes(36, "little"), _BITS + 1, _WINDOW, first)
        window_digits(s.to_bytes(36, "little"), _BITS + 1, _BASE_WINDOW, second)
        script = bytearray(2 * (_BITS + 2 + 2 * 52))
        length = window_script(first, second, _BITS + 1, _STARTS, script)
        for register, octets in ((_X, bytes(32)), (_Y, _ONE), (_Z, _ONE), (_T, bytes(32))):
            machine.set(register, octets)
        await machine.play(script, length, _COMB_TURN, pause, ODD_MULTIPLES)
        return await _encoded(machine, pause)
