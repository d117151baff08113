"""Writes firmware/crypto/limbs25519_viper.py: field arithmetic modulo 2^255 - 19, unrolled.

    python -m tests.bench.make_limbs          write the module
    python -m tests.bench.make_limbs --check  fail if it differs from what would be written

Why unrolled by a program: viper reaches memory cheaply only at constant distances from a
pointer, and only its first two variables live in registers (x and p here). A multiplication
is a loop over rows (20 products unrolled); the squaring, twice as fast, is unrolled whole.
"""

import sys
from pathlib import Path

PATH = Path(__file__).resolve().parents[2] / "firmware" / "crypto" / "limbs25519_viper.py"
LIMBS = 20
CELLS = 20  # word at which the cells begin
FACTOR = 608  # 2^260 mod p
OPERATION = " " * 12
BODY = " " * 16

HEAD = '''"""A machine for field arithmetic modulo 2^255 - 19, in machine code.

Written by tests/bench/make_limbs.py: change that, not this.

A register is 20 limbs of 13 bits, lowest first, in 32-bit words. All limbs are >= 0 and at
most 8,193 (LIMB_MAX), so a column of products stays below 2^31 whether a word has 32 bits
or 64; tests/device/test_crypto_bounds.py runs this very source with intervals to prove it.
One function does it all, for a call costs as much as an addition: it runs programs, strings
of four-octet instructions (operation, d, a, b), as a script of pairs (program, entry) says.
Register 0 is the second factor of every multiplication, words 20 to 58 are scratch, word 59
is the constant of MADD.
"""

import micropython

LIMB_MAX = 8193


@micropython.viper
def run(
    x: int, p: ptr32, w: ptr32, code: ptr8, script: ptr8, at: int, end: int,
    table: ptr16, other: ptr16,
):  # fmt: skip
    """Run octets at to end of a script; x is scratch, p and w are both the work area.

    MUL d = a * r0, SQR d = r0^2, ADD d = a + b, SUB d = a - b, MADD d = a * constant + b,
    COPY d = a, PICK d = register a + 4 * entry, PUT register d + 4 * entry = a, LOAD d =
    field a of the entry: 32 octets of the table, or from entry 64 on of the other table;
    an entry has three fields. END 0 ends a program, END 1 does when it has run `entry` times.
    """
    while at < end:
        start = script[at] << 2
        pc = start
        entry = script[at + 1]
        at += 2
        while True:
            op = code[pc]
            if op == 0:
                entry -= code[pc + 1]
                if code[pc + 1] == 0 or entry <= 0:
                    break
                pc = start
                continue
            d = ptr32(int(w) + 80 * code[pc + 1])
            a = ptr32(int(w) + 80 * code[pc + 2])
            b = ptr32(int(w) + 80 * code[pc + 3])
            pc += 4
'''


class Source:
    """Lines of the module."""

    def __init__(self) -> None:
        self.text = HEAD

    def case(self, condition: str) -> None:
        self.text += f"{OPERATION}{condition}\n"

    def lines(self, *statements: str, indent: str = BODY) -> None:
        for statement in statements:
            self.text += f"{indent}{statement}\n"


def multiply(out: Source) -> None:
    """Horner over the limbs of a, highest first: the cells move up by one limb a row, and
    what leaves the top comes back times 608, split so that nothing passes 2^31."""
    out.case("if op == 1:")
    out.lines("p = w", *(f"p[{CELLS + k}] = 0" for k in range(LIMBS)))
    out.lines(f"a = ptr32(int(a) + {4 * (LIMBS - 1)})", f"for _ in range({LIMBS}):")
    row = BODY + "    "
    out.lines("top = p[39]", "x = a[0]", indent=row)
    for k in range(LIMBS - 1, 1, -1):
        out.lines(f"p[{CELLS + k}] = p[{k}] * x + p[{CELLS + k - 1}]", indent=row)
    out.lines(
        f"p[21] = p[1] * x + p[20] + (top >> 13) * {FACTOR}",
        f"p[20] = p[0] * x + (top & 8191) * {FACTOR}",
        "a = ptr32(int(a) - 4)",
        indent=row,
    )


def square(out: Source) -> None:
    """Each product once, doubled; then the upper columns, carried, times 608 to the lower."""
    out.case("elif op == 2:")
    out.lines("p = w")
    begun = set()

    def product(column: int, expression: str) -> None:
        more = f" + p[{CELLS + column}]" if column in begun else ""
        begun.add(column)
        out.lines(f"p[{CELLS + column}] = {expression}{more}")

    for i in range(LIMBS):
        out.lines(f"x = p[{i}]")
        product(2 * i, "x * x")
        if i < LIMBS - 1:
            out.lines("x = x + x")
        for j in range(i + 1, LIMBS):
            product(i + j, f"p[{j}] * x")
    out.lines("x = 0")
    for k in range(LIMBS - 1):
        out.lines(f"x = p[{CELLS + LIMBS + k}] + x")
        out.lines(f"p[{CELLS + k}] = (x & 8191) * {FACTOR} + p[{CELLS + k}]", "x = x >> 13")
    out.lines(f"p[39] = x * {FACTOR} + p[39]")


def carried(out: Source, term: str, indent: str = BODY) -> None:
    """Carry a sum along the limbs into d; what is left over comes back times 608."""
    out.lines("x = 0", indent=indent)
    for k in range(LIMBS):
        # 64 p, every limb of it more than a limb can be, keeps a difference positive.
        base = 15168 if k == 0 else 16382
        out.lines(
            f"x = {term.format(k=k, cell=CELLS + k, base=base)} + x",
            f"d[{k}] = x & 8191",
            "x = x >> 13",
            indent=indent,
        )
    out.lines(f"x = x * {FACTOR} + d[0]", "d[0] = x & 8191", "x = (x >> 13) + d[1]", indent=indent)
    out.lines("d[1] = x & 8191", "d[2] = d[2] + (x >> 13)", indent=indent)


def load(out: Source) -> None:
    """13-bit limbs out of 16 half words, lowest first."""
    out.case("elif op == 9:")
    out.lines(
        "half = table",
        "if entry & 64:",
        "    half = other",
        "half = ptr16(int(half) + 96 * (entry & 63) + 32 * code[pc - 2])",
    )
    for k in range(LIMBS):
        first, shift = divmod(13 * k, 16)
        value = f"half[{first}] >> {shift}" if shift else f"half[{first}]"
        if shift > 3 and first < 15:
            value = f"({value} | half[{first + 1}] << {16 - shift})"
        elif shift:
            value = f"({value})"
        out.lines(f"d[{k}] = {value} & 8191")
    out.lines("continue")


def module() -> str:
    out = Source()
    multiply(out)
    square(out)
    out.case("elif op == 3:")
    out.lines("p = a")
    carried(out, "b[{k}] + p[{k}]")
    out.lines("continue")
    out.case("elif op == 4:")
    out.lines("p = a")
    carried(out, "{base} - b[{k}] + p[{k}]")
    out.lines("continue")
    out.case("elif op == 5:")
    out.lines("p = a", "x = w[59]")
    out.lines(*(f"w[{CELLS + k}] = p[{k}] * x + b[{k}]" for k in range(LIMBS)))
    load(out)
    out.case("else:")
    out.lines("if op == 7:", "    a = ptr32(int(a) + 320 * entry)")
    out.lines("elif op == 8:", "    d = ptr32(int(d) + 320 * entry)")
    out.lines("p = a", *(f"d[{k}] = p[{k}]" for k in range(LIMBS)), "continue")
    out.lines("p = w", indent=OPERATION)
    carried(out, "p[{cell}]", indent=OPERATION)
    return out.text


def main() -> int:
    if "--check" in sys.argv[1:]:
        return int(PATH.read_text(encoding="utf-8") != module())
    PATH.write_text(module(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
