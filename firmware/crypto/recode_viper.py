"""Limbs to octets and scalars to scripts, in machine code, for the field machines."""

import micropython


@micropython.viper
def pack(w: ptr32, at: int, out: ptr8):
    """33 octets, lowest first, of the 20 limbs of 13 bits from word `at`."""
    value = 0
    bits = 0
    for i in range(at, at + 20):
        value = value + (w[i] << bits)
        bits += 13
        while bits >= 8:
            out[0] = value & 255
            out = ptr8(int(out) + 1)
            value = value >> 8
            bits -= 8
    out[0] = value


@micropython.viper
def ladder_script(bits: ptr8, script: ptr8, zero: int, one: int):
    """Pairs (program, 0) for bits 254 to 0 of a scalar."""
    for i in range(254, -1, -1):
        script[0] = one if bits[i >> 3] >> (i & 7) & 1 else zero
        script[1] = 0
        script = ptr8(int(script) + 2)


@micropython.viper
def comb_script(bits: ptr8, script: ptr8, step: int, plus: int, minus: int, entry: int):
    """Pairs (program, entry) of a signed comb: 37 columns of 7 teeth.

    bits: the scalar's digits, 259 of them, bit 1 for +1 and bit 0 for -1. The pair of
    column 36 comes first, each further one `step` octets behind it. The table's entry i has
    tooth 6 positive and, where bit m of i is 0, tooth m negative.
    """
    for column in range(36, -1, -1):
        index = 0
        for tooth in range(7):
            at = column + 37 * tooth
            index |= (bits[at >> 3] >> (at & 7) & 1) << tooth
        if index & 64:
            script[0] = plus
        else:
            script[0] = minus
            index = 63 - index
        script[1] = entry | index & 63
        script = ptr8(int(script) + step)


@micropython.viper
def window_digits(bits: ptr8, count: int, width: int, digits: ptr8):
    """Non-adjacent form of a scalar of `count` bits, as digits + 64, 64 for none.

    bits: octets, lowest first, three more than the scalar has; digits: count + 1 octets.
    """
    carry = 0
    at = 0
    for i in range(count + 1):
        digits[i] = 64
    while at <= count:
        if (bits[at >> 3] >> (at & 7) & 1) == carry:
            at += 1
        else:
            window = bits[at >> 3] | bits[(at >> 3) + 1] << 8
            digit = (window >> (at & 7) & ((1 << width) - 1)) + carry
            carry = digit >> (width - 1)
            digits[at] = 64 + digit - (carry << width)
            at += width


@micropython.viper
def window_script(first: ptr8, second: ptr8, count: int, programs: ptr8, script: ptr8) -> int:
    """Pairs (program, entry) that add two sets of digits; the length of it in octets.

    programs: double, double for an addition, plus and minus of the first set with another
    addition behind it, plus and minus without, plus and minus of the second set. Entries
    are the digits' halves: 0 for 1, 1 for 3 and so on.
    """
    length = 0
    for i in range(count, -1, -1):
        a = first[i] - 64
        b = second[i] - 64
        if length > 0 or a != 0 or b != 0:
            script[length] = programs[0] if a == 0 and b == 0 else programs[1]
            script[length + 1] = 0
            length += 2
        if a != 0:
            index = 2 if b != 0 else 4
            script[length] = programs[index] if a > 0 else programs[index + 1]
            script[length + 1] = (a if a > 0 else 0 - a) >> 1
            length += 2
        if b != 0:
            script[length] = programs[6] if b > 0 else programs[7]
            script[length + 1] = (b if b > 0 else 0 - b) >> 1
            length += 2
    return length
