"""The one door to signatures: keys as COSE maps, and which algorithm a key allows."""

from firmware.crypto import ed25519, p256, signature
from firmware.crypto.pacing import run
from firmware.crypto.signature import UnusableKey
from tests.device.crypto_paths import paths
from tests.device.device_vectors import own_json, project_root

EDDSA, ED25519, ES256, ESP256 = -8, -19, -7, -9


def known(name):
    """(COSE key, message, signature) of a recorded good signature."""
    case = own_json("crypto_signatures.json")[name]
    message, signed = bytes.fromhex(case["message"]), bytes.fromhex(case["signature"])
    if name == "ed25519":
        return {1: 1, -1: 6, -2: bytes.fromhex(case["x"])}, message, signed
    x, y = bytes.fromhex(case["x"]), bytes.fromhex(case["y"])
    return {1: 2, -1: 1, -2: x, -3: y}, message, signed


def verified(key, algorithm, message, signed):
    return run(signature.verify(key, algorithm, message, signed))


def refused(cose_key, tables=None):
    try:
        signature.load_key(cose_key, tables)
    except UnusableKey:
        return True
    return False


def changed(cose_key, **labels):
    """The map with labels replaced; None takes one out."""
    result = dict(cose_key)
    for name, value in labels.items():
        label = {"kty": 1, "alg": 3, "crv": -1, "x": -2, "y": -3, "d": -4, "kid": 2}[name]
        if value is None:
            del result[label]
        else:
            result[label] = value
    return result


def test_accepts_both_numbers_of_an_algorithm():
    for name, algorithms in (("ed25519", (EDDSA, ED25519)), ("p256", (ES256, ESP256))):
        cose_key, message, signed = known(name)
        for algorithm in algorithms:
            assert verified(signature.load_key(cose_key), algorithm, message, signed)
            key = signature.load_key(changed(cose_key, alg=algorithm))
            for named in algorithms:
                assert verified(key, named, message, signed) == (named == algorithm)


def test_refuses_an_algorithm_that_is_not_the_keys():
    for name in ("ed25519", "p256"):
        cose_key, message, signed = known(name)
        own = signature.load_key(cose_key).algorithms
        for algorithm in (EDDSA, ED25519, ES256, ESP256, -46, 0, 1, 5, -35, None, "-8", True):
            good = verified(signature.load_key(cose_key), algorithm, message, signed)
            assert good == (algorithm in own), (name, algorithm)


def test_refuses_every_changed_bit_of_a_signature():
    for name, algorithm in (("ed25519", EDDSA), ("p256", ES256)):
        cose_key, message, signed = known(name)
        key = signature.load_key(cose_key)
        for bit in range(0, 8 * len(signed), 7):
            wrong = bytearray(signed)
            wrong[bit >> 3] ^= 1 << (bit & 7)
            assert not verified(key, algorithm, message, bytes(wrong)), (name, bit)


def test_refuses_signatures_of_other_lengths():
    for name, algorithm in (("ed25519", EDDSA), ("p256", ES256)):
        cose_key, message, signed = known(name)
        key = signature.load_key(cose_key)
        for length in (0, 1, 32, 63, 65, 128):
            assert not verified(key, algorithm, message, (signed + signed)[:length])


def test_takes_views_of_a_message():
    for name, algorithm in (("ed25519", EDDSA), ("p256", ES256)):
        cose_key, message, signed = known(name)
        views = memoryview(message), memoryview(signed)
        assert verified(signature.load_key(cose_key), algorithm, *views)


def test_refuses_maps_that_are_no_public_key():
    ed, _, _ = known("ed25519")
    ec, _, _ = known("p256")
    for wrong in (None, [], {}, b"", {1: True}, {1: 3}, {1: None}, {-1: 6, -2: bytes(32)}):
        assert refused(wrong), wrong
    for cose_key in (ed, ec):
        for change in (
            {"x": None}, {"crv": None}, {"x": b""}, {"x": bytes(31)}, {"x": bytes(33)},
            {"x": 1}, {"x": True}, {"x": "text"}, {"crv": 7}, {"crv": True}, {"crv": b"\x01"},
            {"d": bytes(32)}, {"kid": b"a"}, {"alg": -46}, {"alg": True},
            {"alg": "EdDSA"}, {"kty": 4},
        ):  # fmt: skip
            assert refused(changed(cose_key, **change)), change
    for change in (
        {"y": None},
        {"y": True},
        {"y": False},
        {"y": bytes(32)},
        {"crv": 6},
        {"kty": 1},
    ):
        assert refused(changed(ec, **change)), change
    assert refused(changed(ed, y=bytes(32)))
    assert refused(changed(ed, alg=ES256))
    assert refused(changed(ec, alg=EDDSA))


def test_refuses_points_that_are_no_keys():
    ed, _, _ = known("ed25519")
    p = ed25519.P
    for y in (0, 1, p - 1, 2, 7, p, p + 1, p + 3, p + 18, (1 << 255) - 1):
        for sign in (0, 1 << 255):
            assert refused(changed(ed, x=(y | sign).to_bytes(32, "little"))), y
    ec, _, _ = known("p256")
    x, y = int.from_bytes(ec[-2], "big"), int.from_bytes(ec[-3], "big")
    for wrong_x, wrong_y in ((0, 0), (x, y ^ 1), (y, x), (x, 0), (p256.P - x, y)):
        octets = wrong_x.to_bytes(32, "big"), wrong_y.to_bytes(32, "big")
        assert refused(changed(ec, x=octets[0], y=octets[1]))


def test_refuses_coordinates_that_are_not_reduced():
    """x = 0 is a coordinate of a point of P-256; x = p names it a second time."""
    p, b = p256.P, p256.B
    y = pow(b, (p + 1) // 4, p)
    assert y * y % p == b
    good = {1: 2, -1: 1, -2: bytes(32), -3: y.to_bytes(32, "big")}
    assert not refused(good)
    assert refused(changed(good, x=p.to_bytes(32, "big")))


def known_tables(name):
    """The recorded tables of a recorded key."""
    with open(project_root() + "/tests/vectors/" + name + "_tables.bin", "rb") as file:
        return file.read()


def test_accepts_with_tables_what_it_accepts_without():
    for _ in paths():
        for name, algorithm in (("ed25519", EDDSA), ("p256", ES256)):
            cose_key, message, signed = known(name)
            key = signature.load_key(cose_key, known_tables(name))
            assert verified(key, algorithm, message, signed)
            assert not verified(key, algorithm, message + b"\x00", signed)
            for bit in range(0, 512, 11):
                wrong = bytearray(signed)
                wrong[bit >> 3] ^= 1 << (bit & 7)
                assert not verified(key, algorithm, message, bytes(wrong)), (name, bit)


def test_refuses_tables_that_are_not_the_keys():
    """Damaged, cut, of another key or curve: never a key that answers wrongly."""
    for name, other in (("ed25519", "p256"), ("p256", "ed25519")):
        cose_key, _, _ = known(name)
        good = known_tables(name)
        assert not refused(cose_key, good)
        for at in list(range(40)) + list(range(40, len(good), 611)) + [len(good) - 1]:
            damaged = bytearray(good)
            damaged[at] ^= 1
            assert refused(cose_key, bytes(damaged)), at
        for wrong in (b"", good[:-1], good + b"\x00", good[:36], bytes(len(good))):
            assert refused(cose_key, wrong)
        assert refused(cose_key, known_tables(other))
    ed, _, _ = known("ed25519")
    assert refused(changed(ed, x=b"\x01" + ed[-2][1:]), known_tables("ed25519"))
    ec, _, _ = known("p256")
    opposite = (p256.P - int.from_bytes(ec[-3], "big")).to_bytes(32, "big")
    assert not refused(changed(ec, y=opposite))
    assert refused(changed(ec, y=opposite), known_tables("p256"))


def test_a_long_verification_pauses():
    """The event loop gets its turn: dozens of pauses, spread over the whole work."""
    for name, algorithm in (("ed25519", EDDSA), ("p256", ES256)):
        cose_key, message, signed = known(name)
        turns = []

        async def pause(turns=turns):
            turns.append(1)

        key = signature.load_key(cose_key)
        assert run(signature.verify(key, algorithm, message, signed, pause))
        assert len(turns) >= 16, (name, len(turns))
