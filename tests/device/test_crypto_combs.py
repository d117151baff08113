"""The combs of pinned keys at the corners of the group law: neutral, equal, opposite points."""

from firmware.crypto import ed25519, ed25519_plain, native, p256, p256_plain
from firmware.crypto.pacing import nothing, run
from firmware.crypto.tables import checked_combs
from tests.device.device_vectors import Skip, own_json, project_root


def fast(name):
    module = native.load(name)
    if module is None:
        raise Skip("no machine code on this interpreter")
    return module


def known(name):
    """The recorded key's coordinates, and the combs of base point and key."""
    case = own_json("crypto_signatures.json")[name]
    key = bytes.fromhex(case["x"]) + bytes.fromhex(case.get("y", ""))
    with open(project_root() + "/tests/vectors/" + name + "_tables.bin", "rb") as file:
        tables = file.read()
    kind = ed25519.TABLES if name == "ed25519" else p256.TABLES
    return key, checked_combs(kind, key, tables)


def scalars(order):
    """Small, large, with all columns alike, and near every power that a tooth stands for."""
    values = [0, 1, 2, 3, order - 1, order - 2, (order + 1) // 2, (1 << 252) - 1]
    values += [(1 << 37 * tooth) % order for tooth in range(1, 7)]
    values += [((1 << 37 * tooth) - 1) % order for tooth in range(1, 7)]
    values.append(sum([1 << 37 * tooth for tooth in range(7)]) % order)
    return values


def test_ed25519_combs_at_the_corners():
    engine = fast("ed25519_fast")
    order, prime = ed25519.L, ed25519.P
    key, (base_comb, key_comb) = known("ed25519")
    x, y = run(ed25519.decompress(key))
    base = ed25519_plain._BASE
    for s in scalars(order):
        for h in (0, 1, s, order - s, order - 1, 5):
            for comb, px, py in ((key_comb, prime - x, y), (base_comb, base[0], base[1])):
                made = run(engine.combine_pinned(s, h % order, order, base_comb, comb, nothing))
                plain = run(ed25519_plain.combine(s, h % order, px, py, nothing))
                assert made == plain, (s, h)


def test_ed25519_windows_at_the_corners():
    """Any key: also the base point itself, and points of small order."""
    engine = fast("ed25519_fast")
    order, prime = ed25519.L, ed25519.P
    points = [ed25519_plain._BASE, (0, 1), (0, prime - 1)]
    for s in scalars(order):
        for h in (0, 1, s, order - s, order - 1):
            for px, py in points:
                made = run(engine.combine(s, h % order, px, py, nothing))
                assert made == run(ed25519_plain.combine(s, h % order, px, py, nothing)), (s, h)


def test_p256_combs_at_the_corners():
    """Where the formulas do not hold, Z is 0 and the plain path decides; never a wrong point."""
    engine = fast("p256_fast")
    order, prime = p256.N, p256.P
    key, (base_comb, key_comb) = known("p256")
    point = int.from_bytes(key[:32], "big"), int.from_bytes(key[32:], "big")
    exceptions = total = 0
    for u1 in scalars(order):
        for u2 in (0, 1, u1, order - u1, order - 1, 5):
            u2 %= order
            for comb, second in ((key_comb, point), (base_comb, p256_plain._G)):
                x, z = run(engine.combine_pinned(u1, u2, order, base_comb, comb, nothing))
                px, pz = run(p256_plain.combine(u1, u2, second, nothing))
                total += 1
                if z % prime == 0:
                    exceptions += 1
                    continue
                assert pz, (u1, u2)
                assert ((x << 260) * pz * pz - px * z * z) % prime == 0, (u1, u2)
    print("left to the plain path: %d of %d" % (exceptions, total))
    assert 0 < exceptions < total // 2
