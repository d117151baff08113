"""Inverses and roots modulo 2^255 - 19 on the field machine, by fixed chains of squarings."""

from firmware.crypto.limbs25519_viper import run
from firmware.crypto.machine import COPY, MUL, SQR, Machine, program

P = (1 << 255) - 19

# Program 0 squares register 0 as often as the entry says; K0 to K3 keep it in registers 3
# to 6, M0 to M3 multiply it by them.
_POWERS_A_TURN = 6
_CODE = program(((SQR, 0, 0, 0),), 1) + b"".join([
    program((instruction,)) for instruction in (
        (COPY, 3, 0, 0), (COPY, 4, 0, 0), (COPY, 5, 0, 0), (COPY, 6, 0, 0),
        (MUL, 0, 3, 0), (MUL, 0, 4, 0), (MUL, 0, 5, 0), (MUL, 0, 6, 0),
    )
])  # fmt: skip
_S, _K0, _K1, _K2, _K3, _M0, _M1, _M2, _M3 = range(0, 18, 2)
# z^(2^k - 1) for k = 5, 10, 20, 40, 50, 100, 200, 250; register 4 keeps z^11.
_CHAIN = bytes((
    _K0, 0, _S, 1, _K1, 0, _S, 2, _M0, 0, _K2, 0, _M1, 0, _K1, 0, _S, 1, _M2, 0, _K2, 0,
    _S, 5, _M2, 0, _K2, 0, _S, 10, _M2, 0, _K3, 0, _S, 20, _M3, 0, _S, 10, _M2, 0, _K2, 0,
    _S, 50, _M2, 0, _K3, 0, _S, 100, _M3, 0, _S, 50, _M2, 0,
))  # fmt: skip
_INVERSE = _CHAIN + bytes((_S, 5, _M1, 0))  # z^(p - 2)
_ROOT = _CHAIN + bytes((_S, 2, _M0, 0))  # z^((p - 5) / 8)


async def _power(value, script, pause):
    with Machine(run, 7, _CODE) as machine:
        machine.set(0, value.to_bytes(32, "little"))
        await machine.play(script, len(script), _POWERS_A_TURN, pause)
        return machine.get(0) % P


async def inverse(value, pause):
    """1/value, 0 for 0."""
    return await _power(value, _INVERSE, pause)


async def root_power(value, pause):
    """value^((p - 5) / 8), what a square root is made of (RFC 8032 section 5.1.3)."""
    return await _power(value, _ROOT, pause)
