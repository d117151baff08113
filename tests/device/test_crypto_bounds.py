"""The machine-code modules on 32-bit words and on ranges: right on a board, on paper."""

import hashlib
import random
from math import log2

import pytest

from firmware.crypto import sha512
from firmware.crypto.ghash_plain import Ghash
from firmware.crypto.modular import from_limbs, to_limbs
from tests.bench import textbook
from tests.device.conftest import ROOT
from tests.device.viper_on_paper import LIMIT, Paper, Range

CPYTHON_ONLY = "runs the source of viper code on CPython"
P = textbook.P
BOTH = (32, 64)
# By number, as in firmware/crypto/machine.py.
OPERATIONS = ("END", "MUL", "SQR", "ADD", "SUB", "MADD", "COPY", "PICK", "PUT", "LOAD")


def paper(name, bits):
    return Paper(ROOT / "firmware" / "crypto" / (name + "_viper.py"), bits)


def limb_values(rng):
    """Values of 20 limbs, over-full ones among them, and what they stand for."""
    kind = rng.randrange(4)
    if kind == 0:
        limbs = [8193] * 20
    elif kind == 1:
        limbs = [rng.choice((0, 1, 8190, 8191)) for _ in range(20)]
    else:
        limbs = [rng.randrange(8192) for _ in range(20)]
    return limbs, sum(limb << (13 * i) for i, limb in enumerate(limbs))


def put(area, register, limbs):
    for i, limb in enumerate(limbs):
        area[80 * register + 4 * i : 80 * register + 4 * i + 4] = limb.to_bytes(4, "little")


@pytest.mark.parametrize("bits", BOTH)
def test_field_operations(bits):
    rng = random.Random(7)
    machine = paper("limbs25519", bits).names
    for _ in range(6):
        area = bytearray(80 * 8)
        area[236:240] = (121665).to_bytes(4, "little")
        (zero, r), (first, a), (second, b) = (limb_values(rng) for _ in range(3))
        for operation, expected in (
            ("MUL", a * r), ("SQR", r * r), ("ADD", a + b), ("SUB", a - b),
            ("MADD", a * 121665 + b), ("COPY", a), ("LOAD", a),
        ):  # fmt: skip
            for target in (5, 3, 4, 0):  # over an operand, too
                put(area, 0, zero)
                put(area, 3, first)
                put(area, 4, second)
                code = bytes((OPERATIONS.index(operation), target, 3, 4, 0, 0, 0, 0))
                table = bytes(2)
                if operation == "LOAD":
                    code = bytes((OPERATIONS.index("LOAD"), target, 1, 0, 0, 0, 0, 0))
                    table = bytes(96 * 2 + 32) + (a % 2**256).to_bytes(32, "little") + bytes(32)
                    expected = a % 2**256
                script = bytes((0, 2))
                machine["run"](0, area, area, code, script, 0, 2, table, table)
                got = from_limbs(area, 20 * target, 20)
                assert got % P == expected % P, (operation, target, first, second, zero)


@pytest.mark.parametrize("operation", ["MUL", "SQR", "ADD", "SUB", "MADD", "COPY", "LOAD"])
@pytest.mark.parametrize("constant", [2, 121665])
def test_field_bounds_hold_for_all_inputs(operation, constant):
    """Registers within LIMB_MAX in, registers within LIMB_MAX out, nothing beyond 31 bits
    between: by induction no program, however long, can overflow."""
    machine = paper("limbs25519", 32).names
    limb = Range(0, machine["LIMB_MAX"])
    area = [limb] * (20 * 6)
    area[59] = Range(constant, constant)
    number = OPERATIONS.index(operation)
    code = bytes((number, 5, 3 if operation != "LOAD" else 0, 4, 0, 0, 0, 0))
    table = HalfWords(96)
    Range.widest = 0
    machine["run"](0, area, area, code, bytes(2), 0, 2, table, table)
    for result in area[100:120]:
        assert result.low >= 0
        assert result.high <= machine["LIMB_MAX"]
    print(operation, "widest value: 2^%.3f" % log2(max(1, Range.widest)))
    assert Range.widest < LIMIT


P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
MOST = P256 + P256 // 10  # what a register of P-256 may hold


def p256_value(rng):
    edges = (0, 1, P256 - 1, P256, P256 + 1, 2**256 - 1, MOST - 1, 2**255, 2**247 - 1, 2**224)
    return rng.choice(edges) if rng.random() < 0.5 else rng.randrange(MOST)


@pytest.mark.parametrize("bits", BOTH)
def test_p256_field_operations(bits):
    """Results are right modulo the prime and small enough to be used again."""
    rng = random.Random(11)
    run = paper("limbsp256", bits).names["run"]
    scale = pow(2, -260, P256)
    for _ in range(30):
        zero, a, b = (p256_value(rng) for _ in range(3))
        for operation, expected in (
            ("MUL", a * zero * scale), ("ADD", a + b), ("SUB", a - b), ("COPY", a), ("LOAD", a),
        ):  # fmt: skip
            for target in (5, 3, 4, 0):
                area = bytearray(80 * 6)
                for register, value in ((0, zero), (3, a), (4, b)):
                    area[80 * register : 80 * register + 80] = to_limbs(value, 20, 20)
                code = bytes((OPERATIONS.index(operation), target, 3, 4, 0, 0, 0, 0))
                table = bytes(2)
                if operation == "LOAD":
                    code = bytes((OPERATIONS.index("LOAD"), target, 1, 0, 0, 0, 0, 0))
                    table = bytes(64 * 2 + 32) + (a % 2**256).to_bytes(32, "little")
                    expected = a % 2**256
                run(0, area, area, code, bytes((0, 2)), 0, 2, table, table)
                words = memoryview(area)[80 * target : 80 * target + 80].cast("I")
                got = from_limbs(area, 20 * target, 20)
                assert max(words) <= 8191, operation
                assert got < MOST, operation
                assert (got - expected) % P256 == 0, (operation, target, a, b, zero)


@pytest.mark.parametrize("operation", ["MUL", "ADD", "SUB", "COPY", "LOAD"])
def test_p256_words_hold_for_all_inputs(operation):
    run = paper("limbsp256", 32).names["run"]
    limb = Range(0, 8191)
    area = [limb] * (20 * 6)
    number = OPERATIONS.index(operation)
    code = bytes((number, 5, 3 if operation != "LOAD" else 0, 4, 0, 0, 0, 0))
    table = HalfWords(64)
    Range.widest = 0
    run(0, area, area, code, bytes(2), 0, 2, table, table)
    # The top limb is what the bound on the value, above, leaves for it.
    assert all(0 <= word.low and word.high <= 8191 for word in area[100:119])
    assert Range.widest < LIMIT
    print(operation, "widest value: 2^%.3f" % log2(max(1, Range.widest)))


class HalfWords(list):
    """A table of which every half word may be anything."""

    def __init__(self, octets):
        super().__init__([Range(0, 65535)] * octets)


def test_poly1305_bounds_hold_for_all_inputs():
    """The sum's limbs have a largest value that a block leaves no larger."""
    absorb = paper("chacha20poly1305", 32).names["_absorb"]
    most = 8352
    area = [Range(0, 8191)] * 10 + [Range(0, 0)] * 12 + [Range(0, most)] * 10
    octets = [Range(0, 255)] * 64
    Range.widest = 0
    absorb(0, area, octets, 0, 1)
    assert max(limb.high for limb in area[22:]) <= most
    assert min(limb.low for limb in area[22:]) >= 0
    assert Range.widest < LIMIT


@pytest.mark.parametrize("bits", BOTH)
def test_sha512(bits):
    rng = random.Random(8)
    state_type = paper("sha512", bits).names["State"]
    for fill in (None, 0, 255):
        message = rng.randbytes(111) if fill is None else bytes([fill]) * 111
        state = state_type(sha512.START, sha512.CONSTANTS)
        state.compress(message + b"\x80" + (888).to_bytes(16, "big"), 0)
        assert state.digest() == hashlib.sha512(message).digest()


@pytest.mark.parametrize("bits", BOTH)
def test_chacha20_and_poly1305(bits):
    rng = random.Random(9)
    names = paper("chacha20poly1305", bits).names
    for fill in (None, 0, 255):
        key = rng.randbytes(32) if fill is None else bytes([fill]) * 32
        nonce = rng.randbytes(12)
        text = rng.randbytes(150) if fill is None else bytes([fill]) * 150
        stream = names["Stream"](key, nonce)
        assert stream.block(7) == textbook.chacha20_block(key, 7, nonce)
        out = bytearray(150)
        stream.apply(text, out, 0, 150)
        blocks = b"".join(textbook.chacha20_block(key, 1 + i, nonce) for i in range(3))
        assert out == bytes(x ^ y for x, y in zip(text, blocks, strict=False))
        mac = names["Poly1305"](key)
        mac.add(text, 0, 144)
        assert mac.tag() == textbook.poly1305(key, text[:144])


@pytest.mark.parametrize("bits", BOTH)
def test_ghash(bits):
    """Against the plain module, which the public vectors hold to the standard."""
    rng = random.Random(12)
    names = paper("ghash", bits).names
    reduction = [rng.getrandbits(16) for _ in range(16)]
    for fill in (None, 0, 255):
        text = rng.randbytes(40) if fill is None else bytes([fill]) * 40
        multiples = [rng.getrandbits(128) for _ in range(16)]
        ours, plain = (kind(multiples, reduction) for kind in (names["Ghash"], Ghash))
        for part, end in ((text, 40), (text, 16), (text, 3)):
            ours.add(part, 0, end)
            plain.add(part, 0, end)
            assert ours.value() == plain.value()


@pytest.mark.parametrize("bits", BOTH)
def test_recoding(bits):
    rng = random.Random(10)
    names = paper("recode", bits).names
    for scalar in (
        1,
        3,
        textbook.L - 2,
        2**253 - 1,
        *(rng.randrange(textbook.L) | 1 for _ in "ab"),
    ):
        digits = ((scalar + 2**259 - 1) >> 1).to_bytes(33, "little")
        script = bytearray(2 * 37)
        names["comb_script"](digits, script, 2, 1, 0, 0)
        total = 0
        for sign, entry in zip(script[::2], script[1::2], strict=True):
            value = 2 ** (37 * 6) + sum((1 if entry >> m & 1 else -1) << (37 * m) for m in range(6))
            total = 2 * total + (value if sign else -value)
        assert total == scalar
        for width in (5, 6):
            out = bytearray(255)
            names["window_digits"](scalar.to_bytes(36, "little"), 254, width, out)
            values = [digit - 64 for digit in out]
            assert sum(value << i for i, value in enumerate(values)) == scalar
            assert all(
                value == 0 or (value & 1 and abs(value) < 1 << width - 1) for value in values
            )
        script = bytearray(510)
        names["ladder_script"](scalar.to_bytes(32, "little"), script, 8, 9)
        assert [value - 8 for value in script[::2]] == [scalar >> i & 1 for i in range(254, -1, -1)]
        out = bytearray(33)
        names["pack"](to_limbs(scalar, 20, 20), 0, out)
        assert int.from_bytes(out, "little") == scalar
