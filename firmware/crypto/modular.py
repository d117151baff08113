"""Plain-integer pieces that the curves share."""


def inverse(value, modulus):
    """1/value modulo a prime, 0 for 0 (extended Euclid).

    MicroPython's pow(value, -1, modulus) answers 0 without an error, and
    pow(value, modulus - 2, modulus) takes six times as long as this.
    """
    a, b = modulus, value % modulus
    x, y = 0, 1
    while b:
        quotient, remainder = divmod(a, b)
        a, b = b, remainder
        x, y = y, x - quotient * y
    return x % modulus if a == 1 else 0


def wnaf(scalar, width):
    """Non-adjacent form: a list of digits, least significant first, scalar >= 0.

    Each is 0 or odd and below 2^(width-1) in magnitude; of any `width` neighbours at
    most one is not 0, so a multiplication adds a table entry every width + 1 doublings.
    """
    digits = []
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
