"""What kept orders change of whom the board obeys, with orders as the host's library makes them:
through the real handler, the real record and the real policies."""

import asyncio
import os
import time

import pytest

from host_client import label
from host_client.authority import Authority
from host_client.installer import certify_installer
from host_client.order import Target, seal_order
from host_client.proof import Anybody, FirstUse, LabelCode, SignedBy
from host_client.settings import Settings
from tests.device.bench_board import GOOD, ask, give
from tests.host.board_in_memory import MemoryBoard
from transports import contract as c

CPYTHON_ONLY = "needs the host's libraries"

AUTHORITY, STRANGER = Authority.generate("authority"), Authority.generate("stranger")
NEXT = Authority.generate("next", "p256")
FIRST, SECOND = Authority.generate("first"), Authority.generate("second", "p256")
CODE = label.new_code()
LATER = int(time.time()) + 10**6  # seconds since 1970: beyond the end of any run
SOAK = bool(os.environ.get("LATCHKEY_SOAK"))


class Life:
    """A board of a policy, and a way to give it orders."""

    def __init__(self, policy=c.SIGNED, profile=c.COMMERCIAL, **identity):
        self.board = MemoryBoard(AUTHORITY)
        self.identity = self.board.identity
        self.identity.policy, self.identity.profile = policy, profile
        for name, value in identity.items():
            setattr(self.identity, name, value)
        self.target = Target(self.identity.device_id, self.identity.public_key)
        self.board.press()

    def order(self, proof, trust=None, online=True, **freshness):
        settings = {} if trust and trust.get("release") else {"networks": [{"ssid": GOOD.decode()}]}
        made = Settings.model_validate({**settings, "trust": trust} if trust else settings)
        nonce = self.board.window.nonce if online else None
        proof = SignedBy(proof) if isinstance(proof, Authority) else proof
        return seal_order(made, self.target, proof, nonce=nonce, **freshness).data

    def give(self, proof, trust=None, **freshness):
        """The status; a kept order is followed by the next physical reset."""
        return self.hand(self.order(proof, trust, **freshness))

    def hand(self, order):
        status = asyncio.run(give(self.board.handler, order))
        if status == c.ACCEPTED:
            assert self.board.handler.kept, self.board.lines
            self.board.press()
        return status

    def info(self):
        return asyncio.run(ask(self.board.handler, c.INFO))


def test_authority_is_rotated_by_an_order_and_never_back():
    life = Life()
    before = life.order(AUTHORITY, online=False, sequence=10**15)
    rotation = life.order(AUTHORITY, {"authority": NEXT.public_key}, online=False)
    assert life.give(STRANGER, {"authority": NEXT.public_key}) == c.NOT_AUTHENTIC
    assert life.hand(rotation) == c.ACCEPTED
    for order in (before, rotation, life.order(AUTHORITY)):
        assert life.hand(order) == c.NOT_AUTHENTIC
    back = {"authority": AUTHORITY.public_key}
    assert life.give(AUTHORITY, back) == c.NOT_AUTHENTIC
    assert life.give(NEXT) == c.ACCEPTED
    assert life.give(NEXT, back) == c.ACCEPTED  # as the new one likes
    assert life.give(AUTHORITY) == c.ACCEPTED and life.give(NEXT) == c.NOT_AUTHENTIC


def test_whoever_comes_first_owns_the_board():
    life = Life(c.FIRST_USE)
    assert life.info()[c.F_OWNED] is False and life.info()[c.F_POLICY] == c.FIRST_USE
    assert life.give(Anybody()) == c.FORBIDDEN
    assert life.give(AUTHORITY) == c.NOT_AUTHENTIC
    assert life.give(FirstUse(FIRST)) == c.ACCEPTED
    assert life.info()[c.F_OWNED] is True
    for proof in (FirstUse(SECOND), FirstUse(FIRST), Anybody(), SECOND, AUTHORITY):
        assert life.give(proof) == c.NOT_AUTHENTIC
    assert life.give(FIRST) == c.ACCEPTED


@pytest.mark.parametrize("profile", [c.COMMERCIAL, c.PROTOTYPE])
def test_an_owner_is_for_good_unless_the_board_is_a_consumer_s(profile):
    life = Life(c.FIRST_USE, profile)
    assert life.give(FirstUse(FIRST)) == c.ACCEPTED
    assert life.info()[c.F_PROFILE] == profile
    assert life.give(FIRST, {"owner": SECOND.public_key}) == c.FORBIDDEN
    assert life.give(FIRST, {"release": True}) == c.FORBIDDEN
    assert life.board.record.owner == FIRST.public_key


def test_transfer_and_release_of_a_consumer_s_board():
    life = Life(c.FIRST_USE, c.CONSUMER)
    assert life.give(FirstUse(FIRST)) == c.ACCEPTED
    stale = life.order(FIRST, online=False, sequence=10**15)
    assert life.give(SECOND, {"owner": SECOND.public_key}) == c.NOT_AUTHENTIC
    assert life.give(FIRST, {"owner": SECOND.public_key}) == c.ACCEPTED
    assert life.hand(stale) == c.NOT_AUTHENTIC
    assert life.give(FIRST, {"owner": FIRST.public_key}) == c.NOT_AUTHENTIC
    assert life.give(SECOND) == c.ACCEPTED
    sequence = life.board.record.sequence
    release = life.order(SECOND, {"release": True}, online=False)
    assert life.hand(release) == c.ACCEPTED
    record = life.board.record
    assert record.owner is None and record.settings == {} and record.sequence > sequence
    assert life.info()[c.F_OWNED] is False
    assert life.give(SECOND) == c.NOT_AUTHENTIC and life.hand(release) == c.NOT_AUTHENTIC
    assert life.give(FirstUse(FIRST)) == c.ACCEPTED
    assert life.hand(release) == c.NOT_AUTHENTIC


def test_label_and_its_policy_s_end():
    life = Life(c.LABEL, label_key=label.label_key(CODE, "lk-test"))
    assert life.give(LabelCode(label.new_code())) == c.NOT_AUTHENTIC
    for proof in (Anybody(), AUTHORITY, FirstUse(FIRST)):
        assert life.give(proof) == c.NOT_AUTHENTIC
    assert life.give(LabelCode(CODE), {"policy": c.OPEN_POLICY}) == c.FORBIDDEN
    offline = life.order(LabelCode(CODE), online=False)
    assert life.hand(offline) == c.ACCEPTED and life.hand(offline) == c.REPLAYED
    assert life.give(LabelCode(CODE)) == c.ACCEPTED and life.hand(offline) == c.STALE
    assert life.give(LabelCode(CODE), {"policy": c.SIGNED}) == c.ACCEPTED
    assert life.info()[c.F_POLICY] == c.SIGNED
    assert life.give(LabelCode(CODE)) == c.NOT_AUTHENTIC
    assert life.give(AUTHORITY, {"policy": c.LABEL}) == c.FORBIDDEN
    assert life.give(AUTHORITY) == c.ACCEPTED


def test_an_open_board_says_so_and_can_be_closed_step_by_step():
    life = Life(c.OPEN_POLICY)
    assert [note for note in life.info()[c.F_NOTES] if "WARNING" in note]
    assert [line for line in life.board.lines if "WARNING" in line]
    assert life.give(Anybody(), {"owner": FIRST.public_key}) == c.FORBIDDEN
    assert life.give(Anybody(), {"policy": c.LABEL}) == c.FORBIDDEN  # it has no label code
    assert life.give(Anybody(), {"policy": c.FIRST_USE}) == c.ACCEPTED
    assert not life.info()[c.F_NOTES]
    assert life.give(Anybody()) == c.FORBIDDEN
    assert life.give(FirstUse(FIRST)) == c.ACCEPTED
    assert life.give(FIRST, {"policy": c.OPEN_POLICY}) == c.FORBIDDEN
    assert life.give(FIRST, {"policy": c.SIGNED}) == c.ACCEPTED
    assert c.F_OWNED not in life.info()
    assert life.give(FIRST) == c.NOT_AUTHENTIC and life.give(AUTHORITY) == c.ACCEPTED


def installer(life, authority=AUTHORITY, key=STRANGER, **limits):
    limits = {"first_sequence": 0, "last_sequence": c.MAX_SEQUENCE, **limits}
    made = certify_installer(authority, "An installer", key.public_key, "site", **limits)
    return Authority(key.name, key._key, made)


def test_an_installer_s_leave_ends():
    """With the time that the board was told, with a newer order, and with the authority."""
    life = Life(group="site")
    until = installer(life, expires=LATER)
    assert life.give(until) == c.ACCEPTED
    assert life.board.record.time_s == 0  # an installer's word for the time is not taken
    assert life.give(AUTHORITY) == c.ACCEPTED
    assert 0 < life.board.record.time_s < LATER
    assert life.give(until) == c.ACCEPTED
    life.board.record.change(time_s=LATER)
    assert life.give(until) == c.EXPIRED
    numbered = installer(life, last_sequence=10**15)
    assert life.give(numbered, sequence=10**15 - 1) == c.ACCEPTED
    assert life.give(AUTHORITY, sequence=10**15) == c.ACCEPTED
    assert life.give(numbered, sequence=10**15) == c.STALE
    assert life.give(AUTHORITY, {"authority": NEXT.public_key}) == c.ACCEPTED
    assert life.give(installer(life), sequence=10**15 + 1) == c.NOT_AUTHENTIC
    assert life.give(installer(life, NEXT), sequence=10**15 + 1) == c.ACCEPTED


def test_a_board_that_lost_its_sequence_takes_only_orders_of_this_window():
    life = Life(group="site")
    life.board.record.change(sequence=None)
    assert c.F_SEQUENCE not in life.info()
    assert life.give(AUTHORITY, online=False) == c.STALE
    assert life.give(installer(life)) == c.STALE
    assert life.give(AUTHORITY, sequence=7) == c.ACCEPTED
    assert life.board.record.sequence == 7


def test_a_board_serves_the_certificate_of_its_factory():
    life = Life(certificate=b"certificate", profile=c.CONSUMER)
    info = life.info()
    assert info[c.F_CERTIFICATE] == b"certificate" and info[c.F_PROFILE] == c.CONSUMER
    assert c.F_OWNED not in info


class Interrupted:
    """A pause that raises at its n-th call, and from then on works."""

    def __init__(self, error, at):
        self.error, self.left = error, at

    async def __call__(self):
        self.left -= 1
        if self.left == 0:
            raise self.error


@pytest.mark.parametrize("error", [MemoryError(), asyncio.CancelledError()])
def test_opening_may_end_anywhere(error):
    """At each await (in a soak; else at some) of opening and verifying, both signatures of an
    installer's order included: it costs an attempt, changes nothing, and the next is taken."""
    life = Life(group="site")
    order = life.order(installer(life), online=False)
    before = life.board.record.settings, life.board.record.sequence
    awaits = 0
    while True:
        awaits += 1 if SOAK or awaits < 6 else 11
        life.board.press()
        pause = life.board.pause = Interrupted(error, awaits)
        try:
            status = asyncio.run(give(life.board.handler, order))
        except asyncio.CancelledError:
            status = None
        if pause.left > 0:
            break  # it was never reached
        assert status == (c.OUT_OF_MEMORY if isinstance(error, MemoryError) else None)
        assert (life.board.record.settings, life.board.record.sequence) == before
        assert life.board.window.attempts_left == 9 and life.info()[c.F_STATE] == c.OPEN
    assert status == c.ACCEPTED and awaits > 20
    assert life.board.record.order_id is not None
