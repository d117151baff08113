"""Policies: who may give an order, what it may ask for, and that a change counts at once."""

import os
from binascii import unhexlify

from firmware.crypto import hpke
from firmware.crypto.pacing import nothing, run
from firmware.envelope import cose
from firmware.envelope.errors import MalformedOrder, NotAuthentic
from firmware.provision import policies
from tests.device.policy_board import Identity, PolicyBoard, Record, recorded, recorded_order
from tests.device.remembered import RememberedAgreements
from transports import contract as c

SOAK = bool(os.getenv("LATCHKEY_SOAK"))  # then every bit, else some, in turn of each place


def test_orders_under_every_policy_end_as_recorded():
    keys, cases = recorded()
    statuses = {}
    for case in cases:
        board, octets = PolicyBoard(keys, case["board"]), unhexlify(case["order"])
        got = c.NOT_AUTHENTIC if looks_false(board, octets) else board.status(octets)
        assert got == case["status"], (case["name"], got, case["status"])
        statuses[got] = statuses.get(got, 0) + 1
    assert statuses[c.OK] >= 35 and statuses[c.NOT_AUTHENTIC] >= 80, statuses
    assert statuses[c.FORBIDDEN] >= 35 and statuses[c.EXPIRED] >= 3, statuses


def looks_false(board, octets):
    """Whether the policy takes the order for nobody's: seal, mode, signature, certificate, its
    signature and its claims, all in the same words."""
    try:
        run(board.policy.open(octets, nothing))
    except NotAuthentic as error:
        assert error.args == ("not authentic",)
        return True
    except MalformedOrder:
        pass
    return False


def status_of(board, name):
    _, octets, _ = recorded_order(name)
    return board.status(octets)


def board_of(name, **changes):
    """The board of a recorded case, and the order that it admits."""
    keys, octets, fields = recorded_order(name)
    fields = dict(fields)
    fields.update(changes)
    board = PolicyBoard(keys, fields)
    return board, board.admit(octets).order


def test_a_new_authority_counts_from_the_next_order_on():
    board, order = board_of("new authority by the authority")
    assert status_of(board, "signed by the authority") == c.OK
    assert status_of(board, "signed by the new authority") == c.NOT_AUTHENTIC
    board.record.authority = order.trust.authority_key
    assert status_of(board, "signed by the authority") == c.NOT_AUTHENTIC
    assert status_of(board, "new authority by the authority") == c.NOT_AUTHENTIC
    assert status_of(board, "installer, any group") == c.NOT_AUTHENTIC
    assert status_of(board, "signed by the new authority") == c.OK


def test_an_owner_counts_from_the_next_order_on():
    board, order = board_of("first owner", profile=c.CONSUMER)
    board.record.owner = order.trust.owner_key
    assert status_of(board, "first owner") == c.NOT_AUTHENTIC
    assert status_of(board, "second comer") == c.NOT_AUTHENTIC
    assert status_of(board, "owner after a transfer") == c.NOT_AUTHENTIC
    assert status_of(board, "signed by the owner") == c.OK
    board.record.owner = board_of("transfer")[1].trust.owner_key
    assert status_of(board, "signed by the owner") == c.NOT_AUTHENTIC
    assert status_of(board, "owner after a transfer") == c.OK
    board.record.owner = None  # released
    assert status_of(board, "owner after a transfer") == c.NOT_AUTHENTIC
    assert status_of(board, "first owner, P-256") == c.OK


def test_a_tighter_policy_counts_from_the_next_order_on():
    board, _ = board_of("open")
    assert board.policy.number == c.OPEN_POLICY and "WARNING" in board.policy.note
    board.record.policy = c.LABEL
    assert board.policy.number == c.LABEL and board.policy.note is None
    assert status_of(board, "open") == c.NOT_AUTHENTIC
    assert status_of(board, "label, HPKE-3") == c.OK
    board.record.policy = c.SIGNED
    assert status_of(board, "label, HPKE-3") == c.NOT_AUTHENTIC
    assert status_of(board, "signed by the authority") == c.OK


def test_tables_of_the_factory_are_not_used_for_another_key():
    board, order = board_of("new authority by the authority")
    asked = []
    board.identity.authority_tables = lambda: asked.append(1)
    board.record.authority = order.trust.authority_key
    assert status_of(board, "signed by the new authority") == c.OK and asked == []
    board.record.authority = None
    assert status_of(board, "signed by the authority") == c.OK and asked == [1]


def test_a_policy_that_the_board_cannot_follow_is_not_loaded():
    keys, _ = recorded()
    for changes in (
        {"policy": c.LABEL, "label_key": None}, {"authority": None}, {"policy": 4},
        {"record_policy": c.LABEL, "label_key": None},
    ):  # fmt: skip
        fields = dict(keys["board"])
        fields.update(changes)
        try:
            policies.load(Identity(keys, fields), Record(fields))
        except ValueError:
            continue
        raise AssertionError(changes)


def test_rehearsal_changes_nothing():
    for name in ("signed by the authority", "label, HPKE-4", "first owner", "open"):
        keys, octets, fields = recorded_order(name)
        board = PolicyBoard(keys, fields)
        run(board.policy.rehearse(nothing))
        assert board.status(octets) == c.OK, name


def test_no_bit_of_a_label_order_can_be_flipped():
    for name in ("label, HPKE-3", "label, HPKE-4"):
        refuses_each_bit(*recorded_order(name))


def test_no_bit_of_a_delegated_order_can_be_flipped():
    refuses_each_bit(*recorded_order("installer Ed25519, authority Ed25519, HPKE 42"))


def refuses_each_bit(keys, octets, fields):
    board = PolicyBoard(keys, fields)
    damaged = bytearray(octets)
    with RememberedAgreements():
        assert board.status(damaged) == c.OK
        for bit in range(0, 8 * len(octets), 1 if SOAK else 19):
            damaged[bit // 8] ^= 1 << bit % 8
            assert board.status(damaged) == c.NOT_AUTHENTIC, bit
            damaged[bit // 8] ^= 1 << bit % 8


def test_no_octet_under_the_seal_of_a_delegated_order_can_be_changed():
    """By who can seal (anybody) and holds a good delegated order."""
    for name in (
        "installer Ed25519, authority Ed25519, HPKE 42",
        "installer P-256, authority Ed25519, HPKE 42",
    ):
        keys, octets, fields = recorded_order(name)
        board = PolicyBoard(keys, fields)
        sealed = run(cose.open_encrypt0(octets, board.identity.private_key, c.ORDER_CONTEXT))
        message = bytearray(sealed.plaintext)
        with Unsealed(message):
            assert board.status(octets) == c.OK
            for bit in range(0, 8 * len(message), 1 if SOAK else 51):
                message[bit // 8] ^= 1 << bit % 8
                assert board.status(octets) == c.NOT_AUTHENTIC, (name, bit)
                message[bit // 8] ^= 1 << bit % 8
            assert board.status(octets) == c.OK


class Unsealed:
    """Every seal holds this message."""

    def __init__(self, message):
        self.message = message

    def __enter__(self):
        self.original = hpke.open_sealed

        async def open_sealed(suite, *arguments, **named):
            return hpke.Opened(bytes(self.message), b"", b"")

        hpke.open_sealed = open_sealed

    def __exit__(self, kind, error, trace):
        hpke.open_sealed = self.original
