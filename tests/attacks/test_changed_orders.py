"""One good order with a bit flipped, an end cut off, or something behind it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.attacks.forging import Forger
from tests.attacks.siege import PATIENT, SOAK, answer, siege
from tests.scenarios.conftest import NewRig
from transports import contract as c

ENCAPSULATED_AT = 11  # octets of the outer message before the encapsulated key
CIPHERTEXT_AT = ENCAPSULATED_AT + 32
SIGN1_HEAD = 8  # octets of the signed message before its payload's own head


def flipped(octets: bytes, bit: int) -> bytes:
    """Bit 0 is the lowest of the first octet."""
    changed = bytearray(octets)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def bits(octets: bytes, whole: Iterator[int] | range, link: str) -> list[int]:
    """Every bit of the octets at `whole`; of the others one bit of every third, which ones
    depends on the link. All there are in a soak."""
    if SOAK:
        return list(range(8 * len(octets)))
    within = set(whole)
    shift = 0 if link == "http" else 1
    return [
        bit
        for bit in range(8 * len(octets))
        if bit // 8 in within or (bit // 8 % 3 == shift and bit % 8 == bit // 8 * 5 % 8)
    ]


async def test_no_bit_of_a_sealed_order_can_be_flipped(new_rig: NewRig) -> None:
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    order = Forger(rig).order()
    assert order[ENCAPSULATED_AT - 2 : ENCAPSULATED_AT] == b"\x58\x20"
    frame = [*range(ENCAPSULATED_AT), CIPHERTEXT_AT - 1, CIPHERTEXT_AT, CIPHERTEXT_AT + 1]
    async with siege(rig) as attack:
        for bit in bits(order, range(0), rig.link) + [
            8 * octet + bit for octet in frame for bit in range(8) if not SOAK
        ]:
            await attack.refused(flipped(order, bit), c.NOT_AUTHENTIC, bit)


async def test_no_bit_of_a_signed_order_can_be_flipped(new_rig: NewRig) -> None:
    """Whoever can seal (anybody) and holds a good signed order changes it before sealing."""
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    forger = Forger(rig)
    signed = forger.signed()
    async with siege(rig) as attack:
        for bit in bits(signed, range(SIGN1_HEAD), rig.link):
            await attack.refused(forger.sealed(flipped(signed, bit)), c.NOT_AUTHENTIC, bit)


async def test_no_part_of_an_order_passes_for_one(new_rig: NewRig) -> None:
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    order = Forger(rig).order()
    edges = {0, 1, 2, CIPHERTEXT_AT, CIPHERTEXT_AT + 2, len(order) - 1, len(order) - 16}
    async with siege(rig) as attack:
        for length in range(len(order)):
            if SOAK or length in edges or length % 5 == 0:
                await attack.refused(order[:length], c.NOT_AUTHENTIC, length)
        for more in range(1, 17):
            await attack.refused(order + bytes(more), c.NOT_AUTHENTIC, more)
        await attack.refused(order + order, c.NOT_AUTHENTIC, "twice")


async def test_the_order_that_was_changed_was_a_good_one(new_rig: NewRig) -> None:
    """Else what is refused above might be refused for another reason."""
    rig = await new_rig()
    await rig.open_window()
    async with rig.asking() as ask:
        reply = await ask(c.PROVISION, Forger(rig).order())
        assert reply != answer(c.NOT_AUTHENTIC)
        assert reply[:3] == bytes((0xA2, 0, c.ACCEPTED))
    await rig.board.wait_log("order tried, status 0")
    assert (await rig.saved()).sequence == 1


async def test_the_largest_message_and_one_octet_more(new_rig: NewRig) -> None:
    rig = await new_rig()
    await rig.open_window()
    largest = c.MAX_MESSAGE - (1 if rig.link == "ble" else 0)  # the operation is an octet
    async with siege(rig) as attack:
        await attack.refused(bytes(largest), c.NOT_AUTHENTIC)
        await attack.refused(b"\xd0\x83\x44" + b"\x5a\x7f\xff\xff\xff" * 1600, c.NOT_AUTHENTIC)
        if rig.link == "http":
            await attack.refused(bytes(largest + 1), c.TOO_LARGE)
