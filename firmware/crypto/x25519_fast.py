"""The Montgomery ladder of x25519.py on the field machine."""

from firmware.crypto.limbs25519_viper import run
from firmware.crypto.machine import ADD, COPY, MADD, MUL, SQR, SUB, Machine, program
from firmware.crypto.powers25519 import P, inverse
from firmware.crypto.recode_viper import ladder_script

_A24 = 121665
_STEPS_A_TURN = 16
_X1 = 3
_X2, _Z2, _X3, _Z3 = 4, 5, 6, 7
_A, _B, _C, _D = 8, 9, 10, 11
_REGISTERS = 12
_ONE = b"\x01" + bytes(31)


def _step(x2, z2, x3, z3):
    """(P2, P3) = (2*P2, P2 + P3), RFC 7748 section 5; register 0 is the second factor."""
    return program((
        (ADD, _A, x2, z2),
        (SUB, _B, x2, z2),
        (ADD, _C, x3, z3),
        (SUB, _D, x3, z3),
        (COPY, 0, _A, 0), (MUL, _D, _D, 0), (SQR, _A, 0, 0),
        (COPY, 0, _B, 0), (MUL, _C, _C, 0), (SQR, _B, 0, 0),
        (ADD, 0, _D, _C), (SQR, x3, 0, 0),
        (SUB, 0, _D, _C), (SQR, 0, 0, 0), (MUL, z3, _X1, 0),
        (COPY, 0, _A, 0), (MUL, x2, _B, 0),
        (SUB, 0, _A, _B), (MADD, _C, 0, _A), (MUL, z2, _C, 0),
    ))  # fmt: skip


# Where the scalar has a 1 the two points change places for the step.
_STEPS = (_step(_X2, _Z2, _X3, _Z3), _step(_X3, _Z3, _X2, _Z2))
_CODE = _STEPS[0] + _STEPS[1]
_STARTS = (0, len(_STEPS[0]) // 4)


async def multiply(scalar, point, pause):
    """The 32 octets of a clamped scalar times a point (32 octets each, the point reduced)."""
    with Machine(run, _REGISTERS, _CODE, _A24) as machine:
        for register, octets in ((_X1, point), (_X2, _ONE), (_X3, point), (_Z3, _ONE)):
            machine.set(register, octets)
        script = bytearray(2 * 255)
        ladder_script(scalar, script, _STARTS[0], _STARTS[1])
        await machine.play(script, len(script), _STEPS_A_TURN, pause)
        z = await inverse(machine.get(_Z2) % P, pause)
        return (machine.get(_X2) * z % P).to_bytes(32, "little")
