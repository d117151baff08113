"""Runs the source of viper functions on CPython, with words of 32 or 64 bits, or with ranges.

No board is here, and the interpreter of a PC has 64-bit words: so the very source of the
machine-code modules is executed on paper. Words wrap at their width; a load through ptr32
fills the upper half of a 64-bit word with zeros, as MicroPython's x64 code does; a shift to
the right is arithmetic for int and logical for uint; every access must be inside a buffer.

With ranges, a word is an interval (lowest, highest value) and leaving the 31 bits below a
sign is an error: what a run shows then holds for all inputs within the ranges.
"""

import inspect
from pathlib import Path

LIMIT = 1 << 31


class Word:
    """An integer of a machine: value modulo 2^bits, signed (int) or not (uint)."""

    __slots__ = ("bits", "signed", "value")

    def __init__(self, value, bits, signed=True):
        self.bits = bits
        self.signed = signed
        self.value = value & ((1 << bits) - 1)

    def __index__(self):
        if self.signed and self.value >> (self.bits - 1):
            return self.value - (1 << self.bits)
        return self.value

    __int__ = __index__

    def __bool__(self):
        return self.value != 0

    def _new(self, value):
        return Word(value, self.bits, self.signed)

    def __add__(self, other):
        return self._new(self.value + int(other))

    def __sub__(self, other):
        return self._new(self.value - int(other))

    def __mul__(self, other):
        return self._new(self.value * int(other))

    def __and__(self, other):
        return self._new(self.value & int(other))

    def __or__(self, other):
        return self._new(self.value | int(other))

    def __xor__(self, other):
        return self._new(self.value ^ int(other))

    def __lshift__(self, other):
        return self._new(self.value << int(other))

    def __rshift__(self, other):
        return self._new(int(self) >> int(other))

    def __radd__(self, other):
        return Word(other, self.bits) + self

    def __rsub__(self, other):
        return Word(other, self.bits) - self

    def __rmul__(self, other):
        return Word(other, self.bits) * self

    def __rlshift__(self, other):
        return Word(other, self.bits) << self

    def __ror__(self, other):
        return Word(other, self.bits) | self

    def __eq__(self, other):
        return int(self) == int(other)

    def __lt__(self, other):
        return int(self) < int(other)

    def __gt__(self, other):
        return int(self) > int(other)

    def __le__(self, other):
        return int(self) <= int(other)

    def __ge__(self, other):
        return int(self) >= int(other)

    __hash__ = None


class Range:
    """All integers from low to high; every result must stay within 31 bits and a sign."""

    __slots__ = ("high", "low")
    widest = 0

    def __init__(self, low, high):
        if not -LIMIT <= low <= high < LIMIT:
            raise OverflowError(f"{low} to {high} leaves a 32-bit word")
        Range.widest = max(Range.widest, high, -low)
        self.low = low
        self.high = high

    @staticmethod
    def of(value):
        return value if isinstance(value, Range) else Range(int(value), int(value))

    def __add__(self, other):
        other = Range.of(other)
        return Range(self.low + other.low, self.high + other.high)

    __radd__ = __add__

    def __sub__(self, other):
        other = Range.of(other)
        return Range(self.low - other.high, self.high - other.low)

    def __rsub__(self, other):
        return Range.of(other) - self

    def __mul__(self, other):
        other = Range.of(other)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Range(min(ends), max(ends))

    __rmul__ = __mul__

    def __rshift__(self, count):
        return Range(self.low >> int(count), self.high >> int(count))

    def __lshift__(self, count):
        return Range(self.low << int(count), self.high << int(count))

    def __and__(self, mask):
        assert int(mask) & (int(mask) + 1) == 0, "a mask of low bits"
        return self if 0 <= self.low and self.high <= int(mask) else Range(0, int(mask))

    def __or__(self, other):
        other = Range.of(other)
        assert self.low >= 0 and other.low >= 0
        return Range(0, (1 << max(self.high.bit_length(), other.high.bit_length())) - 1)


class Buffer:
    """Memory at an address: octets, or one value a word where ranges are kept."""

    def __init__(self, content, address):
        self.content = content
        self.address = address
        self.size = len(content) * (1 if isinstance(content, (bytes, bytearray)) else 4)


class Pointer:
    """ptr8, ptr16 or ptr32 into the buffers of a paper machine."""

    def __init__(self, paper, address, size):
        self.paper = paper
        self.address = address
        self.size = size

    def __index__(self):
        return self.address

    def _place(self, index):
        address = self.address + int(index) * self.size
        assert address % self.size == 0, "not aligned"
        for buffer in self.paper.buffers:
            if buffer.address <= address and address + self.size <= buffer.address + buffer.size:
                return buffer.content, address - buffer.address
        raise IndexError(f"nothing at {address:#x}")

    def __getitem__(self, index):
        content, at = self._place(index)
        if isinstance(content, list):
            return content[at // 4]
        octets = content[at : at + self.size]
        return self.paper.word(int.from_bytes(octets, "little"))

    def __setitem__(self, index, value):
        content, at = self._place(index)
        if isinstance(content, list):
            content[at // 4] = Range.of(value)
            return
        octets = (int(value) % (1 << (8 * self.size))).to_bytes(self.size, "little")
        content[at : at + self.size] = octets


class Paper:
    """The functions of a viper module, on words of so many bits."""

    def __init__(self, path, bits):
        self.bits = bits
        self.buffers = []
        self.names = {
            "ptr8": self._cast(1), "ptr16": self._cast(2), "ptr32": self._cast(4),
            "int": self._integer(True), "uint": self._integer(False),
            "__name__": "on_paper",
        }  # fmt: skip
        source = Path(path).read_text(encoding="utf-8").replace("import micropython\n", "\n")
        source = source.replace("@micropython.viper", "@_viper")
        self.names["_viper"] = self._viper
        exec(compile(source, str(path), "exec"), self.names)

    def word(self, value):
        return Word(value, self.bits)

    def _cast(self, size):
        return lambda address: Pointer(self, int(address), size)

    def _integer(self, signed):
        def cast(value):
            return Word(int(value), self.bits, signed)

        cast.from_bytes = int.from_bytes  # for the Python code beside the viper functions
        return cast

    def _viper(self, function):
        names = list(inspect.signature(function).parameters.values())

        def call(*given):
            self.buffers = []
            arguments = [
                parameter.annotation(value if isinstance(value, int) else self._lay(value))
                for parameter, value in zip(names, given, strict=True)
            ]
            result = function(*arguments)
            return None if result is None else int(result)

        return call

    def _lay(self, content):
        """The address of a buffer; the same object lies in one place only."""
        for buffer in self.buffers:
            if buffer.content is content:
                return buffer.address
        address = 0x3FC80000 + 0x10000 * len(self.buffers)
        self.buffers.append(Buffer(content, address))
        return address
