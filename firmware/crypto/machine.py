"""Work areas and programs for the field machines (limbs25519_viper.py, limbsp256_viper.py).

Importing this fails where there is no machine code; native.load() is the way in.
"""

from firmware.crypto import work_area
from firmware.crypto.recode_viper import pack

# Operations of both machines; each machine's source says what they do.
END, MUL, SQR, ADD, SUB, MADD, COPY, PICK, PUT, LOAD = range(10)
_REGISTER = 80  # octets
_CONSTANT = 236  # octet where the constant of MADD is
_ONE_PAIR = bytes(2)
_ALL_ONES = (1 << 259) - 1


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


def programs(*several):
    """Code of several programs, and where each starts (octets, in instructions)."""
    code = b""
    starts = bytearray()
    for instructions in several:
        starts.append(len(code) // 4)
        code += program(instructions)
    return code, starts


def signed_digits(scalar, order):
    """259 digits +1 and -1 of an odd scalar, as bits 1 and 0: what comb_script takes.

    The order is added to an even one, so the point must be of this order.
    """
    if scalar & 1 == 0:
        scalar += order
    return ((scalar + _ALL_ONES) >> 1).to_bytes(33, "little")


class Machine:
    """A work area of some registers, for the `run` of a limb module, within a `with`.

    A script calls a program by where it starts in `code`, in instructions.
    """

    def __init__(self, run, registers, code, constant=0):
        self._run = run
        self._area = work_area.take(_REGISTER * registers)
        self._area[_CONSTANT : _CONSTANT + 4] = constant.to_bytes(4, "little")
        self._code = code
        self._load = bytearray((LOAD, 0, 0, 0, END, 0, 0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        work_area.lay_by(self._area)
        self._area = None

    def set(self, register, octets):
        """A register from 32 octets, lowest first."""
        area = self._area
        self._load[1] = register
        self._run(0, area, area, self._load, _ONE_PAIR, 0, 2, octets, octets)

    def get(self, register):
        """The value of a register, not reduced."""
        out = bytearray(33)
        pack(self._area, 20 * register, out)
        return int.from_bytes(out, "little")

    async def play(self, script, length, turn, pause, table=_ONE_PAIR, other=_ONE_PAIR):
        """Run `length` octets of a script, with a pause after every `turn` of its pairs."""
        area = self._area
        run = self._run
        for at in range(0, length, 2 * turn):
            stop = min(at + 2 * turn, length)
            run(0, area, area, self._code, script, at, stop, table, other)
            await pause()
