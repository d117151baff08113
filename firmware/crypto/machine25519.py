"""Programs and work area for the field machine of limbs25519_viper.py.

Importing this fails where there is no machine code; native.load() is the way in.
"""

from firmware.crypto.limbs25519_viper import COPY, END, LOAD, MUL, SQR, run
from firmware.crypto.recode25519_viper import pack

P = (1 << 255) - 19
_REGISTER = 80  # octets
_CONSTANT = 236  # octet where the constant of MADD is
_ONE_PAIR = bytes(2)


def program(instructions, again=0):
    """Octets of (operation, d, a, b) instructions; `again` 1: as often as the entry says."""
    octets = bytearray(4 * len(instructions) + 4)
    at = 0
    for instruction in instructions:
        for value in instruction:
            octets[at] = value
            at += 1
    octets[at] = END
    octets[at + 1] = again
    return bytes(octets)


class Machine:
    """A work area of some registers.

    A script calls a program by where it starts in `code`, in instructions. Code begins
    with POWER_CODE if `power` is wanted.
    """

    def __init__(self, registers, code, constant=0):
        self._area = bytearray(_REGISTER * registers)
        self._area[_CONSTANT : _CONSTANT + 4] = constant.to_bytes(4, "little")
        self._code = code
        self._load = bytearray((LOAD, 0, 0, 0, END, 0, 0, 0))

    def set(self, register, octets):
        """A register from 32 octets, lowest first."""
        area = self._area
        self._load[1] = register
        run(0, area, area, self._load, _ONE_PAIR, 0, 2, octets, octets)

    def get(self, register):
        """The value of a register, reduced."""
        out = bytearray(33)
        pack(self._area, 20 * register, out)
        return int.from_bytes(out, "little") % P

    async def play(self, script, length, turn, pause, table=_ONE_PAIR, other=_ONE_PAIR):
        """Run `length` octets of a script, with a pause after every `turn` of its pairs."""
        area = self._area
        for at in range(0, length, 2 * turn):
            stop = min(at + 2 * turn, length)
            run(0, area, area, self._code, script, at, stop, table, other)
            await pause()

    async def power(self, script, pause):
        """Register 0 to a power, by one of the two scripts below; registers 3 to 6 are lost."""
        await self.play(script, len(script), _POWERS_A_TURN, pause)


# --- Powers ------------------------------------------------------------------------------
# Program 0 squares register 0 as often as the entry says; K0 to K3 keep it in registers 3
# to 6, M0 to M3 multiply it by them.
_POWERS_A_TURN = 12
POWER_CODE = program(((SQR, 0, 0, 0),), 1) + b"".join([
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
INVERSE = _CHAIN + bytes((_S, 5, _M1, 0))  # z^(p - 2)
ROOT = _CHAIN + bytes((_S, 2, _M0, 0))  # z^((p - 5) / 8)
