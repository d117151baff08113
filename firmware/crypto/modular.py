"""Pieces that several algorithms share: inverses, recodings, limbs."""

from array import array

LIMB_BITS = 13


def to_limbs(value, count, words):
    """`count` limbs of 13 bits, lowest first, in a new area of 32-bit words."""
    area = bytearray(4 * words)
    for i in range(0, 4 * count, 4):
        low = value & 8191
        area[i] = low & 255
        area[i + 1] = low >> 8
        value >>= LIMB_BITS
    return area


def from_limbs(area, first, count):
    """The integer of `count` limbs, from word `first` of an area; limbs may be over-full."""
    value = 0
    for i in range(4 * (first + count - 1), 4 * first - 4, -4):
        value = (value << LIMB_BITS) + (area[i] | area[i + 1] << 8 | area[i + 2] << 16)
    return value


def inverse(value, modulus):
    """1/value modulo a prime, 0 for 0 (extended Euclid).

    MicroPython's pow(value, -1, modulus) answers 0 without an error, and
    pow(value, modulus - 2, modulus) takes six times as long as this.
    """
    a, b = modulus, value % modulus
    x, y = 0, 1
    # Two steps a turn, in place: a third less for the heap than divmod and swaps.
    while b:
        x -= a // b * y
        a %= b
        if not a:
            return y % modulus if b == 1 else 0
        y -= b // a * x
        b %= a
    return x % modulus if a == 1 else 0


def wnaf(scalar, width):
    """Non-adjacent form: an array of digits, least significant first, scalar >= 0, width <= 8.

    Each is 0 or odd and below 2^(width-1) in magnitude; of any `width` neighbours at
    most one is not 0, so a multiplication adds a table entry every width + 1 doublings.
    """
    digits = array("b")  # a list would want 2 KB in one piece, which a used heap may not have
    full = 1 << width
    half = full >> 1
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar & (full - 1)
            if digit >= half:
                digit -= full
            scalar -= digit
        digits.append(digit)
        scalar >>= 1
    return digits
