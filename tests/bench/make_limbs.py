"""Writes the unrolled field arithmetic: firmware/crypto/limbs25519_viper.py, limbsp256_viper.py.

    python -m tests.bench.make_limbs          write the modules
    python -m tests.bench.make_limbs --check  fail if they differ from what would be written

Why unrolled by a program: viper reaches memory cheaply only at constant distances from a
pointer, and only its first two variables live in registers (x and p here). A multiplication
is a loop over rows (20 products unrolled); the squaring of Curve25519, twice as fast, is
unrolled whole. P-256 multiplies to square: its code has to fit beside the other's.
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "firmware" / "crypto"
LIMBS = 20
CELLS = 20  # word at which the cells begin
FACTOR = 608  # 2^260 modulo 2^255 - 19
OPERATION = " " * 12
BODY = " " * 16
ROW = " " * 20

SIGNATURE = '''
import micropython

LIMB_MAX = {limb_max}


@micropython.viper
def run(
    x: int, p: ptr32, w: ptr32, code: ptr8, script: ptr8, at: int, end: int,
    table: ptr16, other: ptr16,
):  # fmt: skip
    """Run octets at to end of a script; x is scratch, p and w are both the work area.

    {operations}
    COPY d = a, PICK d = register a + 4 * entry, PUT register d + 4 * entry = a, LOAD d =
    field a of the entry: 32 octets of the table, or from entry 64 on of the other table;
    an entry has {fields} fields. END 0 ends a program, END 1 when it has run `entry` times.
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

HEAD_25519 = '''"""A machine for field arithmetic modulo 2^255 - 19, in machine code.

Written by tests/bench/make_limbs.py: change that, not this.

A register is 20 limbs of 13 bits, lowest first, in 32-bit words. All limbs are >= 0 and at
most 8,193 (LIMB_MAX), so a column of products stays below 2^31 whether a word has 32 bits
or 64; tests/device/test_crypto_bounds.py runs this very source with intervals to prove it.
One function does it all, for a call costs as much as an addition: it runs programs, strings
of four-octet instructions (operation, d, a, b), as a script of pairs (program, entry) says.
Register 0 is the second factor of every multiplication, words 20 to 58 are scratch, word 59
is the constant of MADD.
"""
'''

HEAD_P256 = '''"""A machine for field arithmetic modulo the prime of P-256, in machine code.

Written by tests/bench/make_limbs.py: change that, not this.

Like limbs25519_viper.py, with Montgomery's multiplication: MUL gives a * r0 / 2^260. The
prime is -1 modulo 2^96, so a row's quotient is its lowest 13 bits, and adding quotient times
prime is four shifted additions. Registers hold less than 1.1 times the prime, in limbs of at
most 8,191 (LIMB_MAX): a product is below (1.1 * 1.1 / 16 + 1) times it, and sums and
differences take off as many times the prime as their top limbs show (see `reduced` in
make_limbs.py). The bounds of every word are proved by tests/device/test_crypto_bounds.py.
"""
'''


class Source:
    """Lines of a module."""

    def __init__(self, head: str, **names: object) -> None:
        self.text = head + SIGNATURE.format(**names)

    def case(self, condition: str) -> None:
        self.text += f"{OPERATION}{condition}\n"

    def lines(self, *statements: str, indent: str = BODY) -> None:
        for statement in statements:
            self.text += f"{indent}{statement}\n"


# --- Modulo 2^255 - 19 ---------------------------------------------------------------------


def multiply_25519(out: Source) -> None:
    """Horner over the limbs of a, highest first: the cells move up by one limb a row, and
    what leaves the top comes back times 608, split so that nothing passes 2^31."""
    out.case("if op == 1:")
    out.lines("p = w", *(f"p[{CELLS + k}] = 0" for k in range(LIMBS)))
    out.lines(f"a = ptr32(int(a) + {4 * (LIMBS - 1)})", f"for _ in range({LIMBS}):")
    out.lines("top = p[39]", "x = a[0]", indent=ROW)
    for k in range(LIMBS - 1, 1, -1):
        out.lines(f"p[{CELLS + k}] = p[{k}] * x + p[{CELLS + k - 1}]", indent=ROW)
    out.lines(
        f"p[21] = p[1] * x + p[20] + (top >> 13) * {FACTOR}",
        f"p[20] = p[0] * x + (top & 8191) * {FACTOR}",
        "a = ptr32(int(a) - 4)",
        indent=ROW,
    )


def square_25519(out: Source) -> None:
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


def module_25519() -> str:
    out = Source(
        HEAD_25519, limb_max=8193, fields="three",
        operations="MUL d = a * r0, SQR d = r0^2, ADD d = a + b, SUB d = a - b, "
        "MADD d = a * constant + b,",
    )  # fmt: skip
    multiply_25519(out)
    square_25519(out)
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
    load(out, 96)
    copies(out)
    out.lines("p = w", indent=OPERATION)
    carried(out, "p[{cell}]", indent=OPERATION)
    return out.text


# --- Modulo 2^256 - 2^224 + 2^192 + 2^96 - 1 -------------------------------------------------


def multiply_p256(out: Source) -> None:
    """Montgomery, a row for each limb of a, lowest first: the cells move down by one limb.

    q times the prime is -q (which makes the lowest cell a multiple of 2^13), q * 2^5 at
    limb 7, q * 2^10 at limb 14 and, for q * (2^256 - 2^224), 8184 q, 8191 q, 511 q at
    limbs 17 to 19: nothing negative.
    """
    extra = {7: "(q << 5)", 14: "(q << 10)", 17: "q * 8184", 18: "q * 8191", 19: "q * 511"}
    out.case("if op == 1:")
    out.lines("p = w", *(f"p[{CELLS + k}] = 0" for k in range(LIMBS)))
    out.lines(f"for _ in range({LIMBS}):")
    out.lines("x = a[0]", "a = ptr32(int(a) + 4)", "q = p[0] * x + p[20]", indent=ROW)
    out.lines("p[20] = p[1] * x + p[21] + (q >> 13)", "q = q & 8191", indent=ROW)
    for k in range(2, LIMBS):
        terms = [f"p[{k}] * x"]
        if k < LIMBS - 1:
            terms.append(f"p[{CELLS + k}]")
        if k in extra:
            terms.append(extra[k])
        out.lines(f"p[{CELLS + k - 1}] = " + " + ".join(terms), indent=ROW)
    out.lines("p = w", "x = 0")
    for k in range(LIMBS - 1):
        out.lines(f"x = p[{CELLS + k}] + x", f"d[{k}] = x & 8191", "x = x >> 13")
    out.lines(f"d[{LIMBS - 1}] = x", "continue")


def reduced(out: Source, term: str, top: str) -> None:
    """Carry a sum along the limbs into d, less q times the prime.

    With T the top limb of the sum before carries, the sum is at least (T - 1) * 2^247 and
    less than (T + 2.1) * 2^247, for what is below the top limb is between -2^247 and
    2.1 * 2^247. So q = (T - 1) >> 9 leaves at least 0 and less than 1.01 times the prime.
    Values between may be negative: they are in x, where the sign is kept, never in memory.
    """
    extra = {0: " + q", 7: " - (q << 5)", 14: " - (q << 10)", 17: " + (q << 3)", 19: " - (q << 9)"}
    out.lines("p = a", f"q = ({top} - 1) >> 9", "x = 0")
    for k in range(LIMBS):
        out.lines(f"x = {term.format(k=k, base=TWICE_P256[k])}{extra.get(k, '')} + x")
        out.lines(f"d[{k}] = x & 8191", "x = x >> 13")
    out.lines("continue")


_P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
TWICE_P256 = [2 * _P256 >> 13 * k & 8191 for k in range(LIMBS)]


def module_p256() -> str:
    out = Source(
        HEAD_P256, limb_max=8191, fields="two",
        operations="MUL d = a * r0 / 2^260, ADD d = a + b, SUB d = a - b,",
    )  # fmt: skip
    multiply_p256(out)
    out.case("elif op == 3:")
    reduced(out, "b[{k}] + p[{k}]", "b[19] + p[19]")
    out.case("elif op == 4:")
    reduced(out, "{base} - b[{k}] + p[{k}]", f"{TWICE_P256[19]} - b[19] + p[19]")
    load(out, 64)
    copies(out)
    return out.text


# --- Both ----------------------------------------------------------------------------------------


def load(out: Source, entry_octets: int) -> None:
    """13-bit limbs out of 16 half words, lowest first."""
    out.case("elif op == 9:")
    out.lines("half = table", "if entry & 64:", "    half = other")
    out.lines(f"half = ptr16(int(half) + {entry_octets} * (entry & 63) + 32 * code[pc - 2])")
    for k in range(LIMBS):
        first, shift = divmod(13 * k, 16)
        value = f"half[{first}] >> {shift}" if shift else f"half[{first}]"
        if shift > 3 and first < 15:
            value = f"({value} | half[{first + 1}] << {16 - shift})"
        elif shift:
            value = f"({value})"
        out.lines(f"d[{k}] = {value} & 8191")
    out.lines("continue")


def copies(out: Source) -> None:
    out.case("else:")
    out.lines("if op == 7:", "    a = ptr32(int(a) + 320 * entry)")
    out.lines("elif op == 8:", "    d = ptr32(int(d) + 320 * entry)")
    out.lines("p = a", *(f"d[{k}] = p[{k}]" for k in range(LIMBS)), "continue")


MODULES = {"limbs25519_viper.py": module_25519, "limbsp256_viper.py": module_p256}


def stale() -> list[str]:
    """Names of modules that are not what would be written."""
    return [
        name for name, make in MODULES.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != make()
    ]  # fmt: skip


def main() -> int:
    if "--check" in sys.argv[1:]:
        return len(stale())
    for name, make in MODULES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
