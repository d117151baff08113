"""A machine for field arithmetic modulo the prime of P-256, in machine code.

Written by tests/bench/make_limbs.py: change that, not this.

Like limbs25519_viper.py, with Montgomery's multiplication: MUL gives a * r0 / 2^260. The
prime is -1 modulo 2^96, so a row's quotient is its lowest 13 bits, and adding quotient times
prime is four shifted additions. Registers hold less than 1.1 times the prime, in limbs of at
most 8,191 (LIMB_MAX): a product is below (1.1 * 1.1 / 16 + 1) times it, and sums and
differences take off as many times the prime as their top limbs show (see `reduced` in
make_limbs.py). The bounds of every word are proved by tests/device/test_crypto_bounds.py.
"""

import micropython

LIMB_MAX = 8191


@micropython.viper
def run(
    x: int, p: ptr32, w: ptr32, code: ptr8, script: ptr8, at: int, end: int,
    table: ptr16, other: ptr16,
):  # fmt: skip
    """Run octets at to end of a script; x is scratch, p and w are both the work area.

    MUL d = a * r0 / 2^260, ADD d = a + b, SUB d = a - b,
    COPY d = a, PICK d = register a + 4 * entry, PUT register d + 4 * entry = a, LOAD d =
    field a of the entry: 32 octets of the table, or from entry 64 on of the other table;
    an entry has two fields. END 0 ends a program, END 1 when it has run `entry` times.
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
            if op == 1:
                p = w
                p[20] = 0
                p[21] = 0
                p[22] = 0
                p[23] = 0
                p[24] = 0
                p[25] = 0
                p[26] = 0
                p[27] = 0
                p[28] = 0
                p[29] = 0
                p[30] = 0
                p[31] = 0
                p[32] = 0
                p[33] = 0
                p[34] = 0
                p[35] = 0
                p[36] = 0
                p[37] = 0
                p[38] = 0
                p[39] = 0
                for _ in range(20):
                    x = a[0]
                    a = ptr32(int(a) + 4)
                    q = p[0] * x + p[20]
                    p[20] = p[1] * x + p[21] + (q >> 13)
                    q = q & 8191
                    p[21] = p[2] * x + p[22]
                    p[22] = p[3] * x + p[23]
                    p[23] = p[4] * x + p[24]
                    p[24] = p[5] * x + p[25]
                    p[25] = p[6] * x + p[26]
                    p[26] = p[7] * x + p[27] + (q << 5)
                    p[27] = p[8] * x + p[28]
                    p[28] = p[9] * x + p[29]
                    p[29] = p[10] * x + p[30]
                    p[30] = p[11] * x + p[31]
                    p[31] = p[12] * x + p[32]
                    p[32] = p[13] * x + p[33]
                    p[33] = p[14] * x + p[34] + (q << 10)
                    p[34] = p[15] * x + p[35]
                    p[35] = p[16] * x + p[36]
                    p[36] = p[17] * x + p[37] + q * 8184
                    p[37] = p[18] * x + p[38] + q * 8191
                    p[38] = p[19] * x + q * 511
                p = w
                x = 0
                x = p[20] + x
                d[0] = x & 8191
                x = x >> 13
                x = p[21] + x
                d[1] = x & 8191
                x = x >> 13
                x = p[22] + x
                d[2] = x & 8191
                x = x >> 13
                x = p[23] + x
                d[3] = x & 8191
                x = x >> 13
                x = p[24] + x
                d[4] = x & 8191
                x = x >> 13
                x = p[25] + x
                d[5] = x & 8191
                x = x >> 13
                x = p[26] + x
                d[6] = x & 8191
                x = x >> 13
                x = p[27] + x
                d[7] = x & 8191
                x = x >> 13
                x = p[28] + x
                d[8] = x & 8191
                x = x >> 13
                x = p[29] + x
                d[9] = x & 8191
                x = x >> 13
                x = p[30] + x
                d[10] = x & 8191
                x = x >> 13
                x = p[31] + x
                d[11] = x & 8191
                x = x >> 13
                x = p[32] + x
                d[12] = x & 8191
                x = x >> 13
                x = p[33] + x
                d[13] = x & 8191
                x = x >> 13
                x = p[34] + x
                d[14] = x & 8191
                x = x >> 13
                x = p[35] + x
                d[15] = x & 8191
                x = x >> 13
                x = p[36] + x
                d[16] = x & 8191
                x = x >> 13
                x = p[37] + x
                d[17] = x & 8191
                x = x >> 13
                x = p[38] + x
                d[18] = x & 8191
                x = x >> 13
                d[19] = x
                continue
            elif op == 3:
                p = a
                q = (b[19] + p[19] - 1) >> 9
                x = 0
                x = b[0] + p[0] + q + x
                d[0] = x & 8191
                x = x >> 13
                x = b[1] + p[1] + x
                d[1] = x & 8191
                x = x >> 13
                x = b[2] + p[2] + x
                d[2] = x & 8191
                x = x >> 13
                x = b[3] + p[3] + x
                d[3] = x & 8191
                x = x >> 13
                x = b[4] + p[4] + x
                d[4] = x & 8191
                x = x >> 13
                x = b[5] + p[5] + x
                d[5] = x & 8191
                x = x >> 13
                x = b[6] + p[6] + x
                d[6] = x & 8191
                x = x >> 13
                x = b[7] + p[7] - (q << 5) + x
                d[7] = x & 8191
                x = x >> 13
                x = b[8] + p[8] + x
                d[8] = x & 8191
                x = x >> 13
                x = b[9] + p[9] + x
                d[9] = x & 8191
                x = x >> 13
                x = b[10] + p[10] + x
                d[10] = x & 8191
                x = x >> 13
                x = b[11] + p[11] + x
                d[11] = x & 8191
                x = x >> 13
                x = b[12] + p[12] + x
                d[12] = x & 8191
                x = x >> 13
                x = b[13] + p[13] + x
                d[13] = x & 8191
                x = x >> 13
                x = b[14] + p[14] - (q << 10) + x
                d[14] = x & 8191
                x = x >> 13
                x = b[15] + p[15] + x
                d[15] = x & 8191
                x = x >> 13
                x = b[16] + p[16] + x
                d[16] = x & 8191
                x = x >> 13
                x = b[17] + p[17] + (q << 3) + x
                d[17] = x & 8191
                x = x >> 13
                x = b[18] + p[18] + x
                d[18] = x & 8191
                x = x >> 13
                x = b[19] + p[19] - (q << 9) + x
                d[19] = x & 8191
                x = x >> 13
                continue
            elif op == 4:
                p = a
                q = (1023 - b[19] + p[19] - 1) >> 9
                x = 0
                x = 8190 - b[0] + p[0] + q + x
                d[0] = x & 8191
                x = x >> 13
                x = 8191 - b[1] + p[1] + x
                d[1] = x & 8191
                x = x >> 13
                x = 8191 - b[2] + p[2] + x
                d[2] = x & 8191
                x = x >> 13
                x = 8191 - b[3] + p[3] + x
                d[3] = x & 8191
                x = x >> 13
                x = 8191 - b[4] + p[4] + x
                d[4] = x & 8191
                x = x >> 13
                x = 8191 - b[5] + p[5] + x
                d[5] = x & 8191
                x = x >> 13
                x = 8191 - b[6] + p[6] + x
                d[6] = x & 8191
                x = x >> 13
                x = 63 - b[7] + p[7] - (q << 5) + x
                d[7] = x & 8191
                x = x >> 13
                x = 0 - b[8] + p[8] + x
                d[8] = x & 8191
                x = x >> 13
                x = 0 - b[9] + p[9] + x
                d[9] = x & 8191
                x = x >> 13
                x = 0 - b[10] + p[10] + x
                d[10] = x & 8191
                x = x >> 13
                x = 0 - b[11] + p[11] + x
                d[11] = x & 8191
                x = x >> 13
                x = 0 - b[12] + p[12] + x
                d[12] = x & 8191
                x = x >> 13
                x = 0 - b[13] + p[13] + x
                d[13] = x & 8191
                x = x >> 13
                x = 2048 - b[14] + p[14] - (q << 10) + x
                d[14] = x & 8191
                x = x >> 13
                x = 0 - b[15] + p[15] + x
                d[15] = x & 8191
                x = x >> 13
                x = 0 - b[16] + p[16] + x
                d[16] = x & 8191
                x = x >> 13
                x = 8176 - b[17] + p[17] + (q << 3) + x
                d[17] = x & 8191
                x = x >> 13
                x = 8191 - b[18] + p[18] + x
                d[18] = x & 8191
                x = x >> 13
                x = 1023 - b[19] + p[19] - (q << 9) + x
                d[19] = x & 8191
                x = x >> 13
                continue
            elif op == 9:
                half = table
                if entry & 64:
                    half = other
                half = ptr16(int(half) + 64 * (entry & 63) + 32 * code[pc - 2])
                d[0] = half[0] & 8191
                d[1] = (half[0] >> 13 | half[1] << 3) & 8191
                d[2] = (half[1] >> 10 | half[2] << 6) & 8191
                d[3] = (half[2] >> 7 | half[3] << 9) & 8191
                d[4] = (half[3] >> 4 | half[4] << 12) & 8191
                d[5] = (half[4] >> 1) & 8191
                d[6] = (half[4] >> 14 | half[5] << 2) & 8191
                d[7] = (half[5] >> 11 | half[6] << 5) & 8191
                d[8] = (half[6] >> 8 | half[7] << 8) & 8191
                d[9] = (half[7] >> 5 | half[8] << 11) & 8191
                d[10] = (half[8] >> 2) & 8191
                d[11] = (half[8] >> 15 | half[9] << 1) & 8191
                d[12] = (half[9] >> 12 | half[10] << 4) & 8191
                d[13] = (half[10] >> 9 | half[11] << 7) & 8191
                d[14] = (half[11] >> 6 | half[12] << 10) & 8191
                d[15] = (half[12] >> 3) & 8191
                d[16] = half[13] & 8191
                d[17] = (half[13] >> 13 | half[14] << 3) & 8191
                d[18] = (half[14] >> 10 | half[15] << 6) & 8191
                d[19] = (half[15] >> 7) & 8191
                continue
            else:
                if op == 7:
                    a = ptr32(int(a) + 320 * entry)
                elif op == 8:
                    d = ptr32(int(d) + 320 * entry)
                p = a
                d[0] = p[0]
                d[1] = p[1]
                d[2] = p[2]
                d[3] = p[3]
                d[4] = p[4]
                d[5] = p[5]
                d[6] = p[6]
                d[7] = p[7]
                d[8] = p[8]
                d[9] = p[9]
                d[10] = p[10]
                d[11] = p[11]
                d[12] = p[12]
                d[13] = p[13]
                d[14] = p[14]
                d[15] = p[15]
                d[16] = p[16]
                d[17] = p[17]
                d[18] = p[18]
                d[19] = p[19]
                continue
