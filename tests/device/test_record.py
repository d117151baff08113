"""firmware/provision/record.py: all of a change is kept, or nothing of it."""

from firmware.envelope import cbor
from firmware.provision.errors import UnknownVersion
from firmware.provision.record import VERSION, Record, wiped
from tests.device.bench_board import MemoryStore


class Order:
    """What `commit` reads of an order."""

    networks, server, device, app, trust = (), None, None, b"app", None

    def __init__(self, sequence=10, trust=None, app=b"app"):
        self.order_id = b"o" * 16
        self.sequence = sequence
        self.trust = trust
        self.app = app


class Trust:
    def __init__(self, owner_key=None, release=False, authority_key=None, policy=None):
        self.owner_key, self.release = owner_key, release
        self.authority_key, self.policy = authority_key, policy


def test_every_field_outlives_a_restart():
    store = MemoryStore()
    values = {
        "settings": {"app": b"x"}, "sequence": 3, "window": [b"n", 1, 2, False, 3],
        "order_id": b"o" * 16, "receipt": b"r", "owner": b"k", "authority": b"a", "policy": 0,
        "time_s": 1800000000, "wiping": True,
    }  # fmt: skip
    record = Record(store)
    assert not record.provisioned and record.sequence == -1 and record.policy is None
    record.change(**values)
    again = Record(store)
    for name, value in values.items():
        assert getattr(again, name) == value, name


def test_an_unknown_sequence_is_not_taken_for_none_accepted():
    store = MemoryStore()
    Record(store).change(sequence=None)
    assert Record(store).sequence is None
    Record(store).commit(Order(sequence=4), b"r")
    assert Record(store).sequence == 4


def test_a_change_that_fails_puts_everything_back():
    for error in (OSError(28), MemoryError()):
        store = MemoryStore()
        record = Record(store)
        record.commit(Order(), b"receipt")
        before = dict(record.__dict__)
        store.error = error
        for change in (
            lambda: record.change(settings={}, owner=b"k", window=[1]),
            lambda: record.commit(Order(11, Trust(release=True)), b"other"),
            lambda: record.change(**wiped(True)),
        ):
            try:
                change()
                raise AssertionError("it was said to be saved")
            except (OSError, MemoryError):
                pass
            assert record.__dict__ == before


def test_an_order_changes_whom_the_board_obeys_in_the_same_save():
    store = MemoryStore()
    record = Record(store)
    record.commit(Order(1, Trust(owner_key=b"first", policy=0)), b"r")
    assert len(store.versions) == 1
    assert (record.owner, record.policy, record.authority) == (b"first", 0, None)
    record.commit(Order(2, Trust(owner_key=b"second", authority_key=b"new")), b"r")
    again = Record(store)
    assert (again.owner, again.policy, again.authority) == (b"second", 0, b"new")
    assert again.settings == {"app": b"app"} and not again.wiping


def test_a_release_wipes_what_the_owner_leaves_and_keeps_the_rest():
    store = MemoryStore()
    record = Record(store)
    record.commit(Order(5, Trust(owner_key=b"k", authority_key=b"a", policy=0)), b"r")
    record.commit(Order(6, Trust(release=True), app=b"more"), b"released")
    again = Record(store)
    assert again.settings == {} and again.owner is None and again.wiping
    assert not again.provisioned
    assert (again.sequence, again.authority, again.policy) == (6, b"a", 0)
    assert (again.order_id, again.receipt) == (b"o" * 16, b"released")


def test_a_wipe_keeps_what_nobody_may_take_back():
    store = MemoryStore()
    record = Record(store)
    record.commit(Order(5, Trust(owner_key=b"k", authority_key=b"a", policy=0)), b"r")
    record.change(time_s=77)
    record.change(**wiped(True))
    again = Record(store)
    assert not again.provisioned and again.receipt is None and again.order_id is None
    assert (again.sequence, again.authority, again.policy, again.time_s) == (5, b"a", 0, 77)


def test_refuses_a_record_of_a_newer_firmware_and_says_so():
    store = MemoryStore()
    store.versions.append(cbor.encode({0: VERSION + 1, 2: 7}))
    try:
        Record(store)
        raise AssertionError("read as if it were known")
    except UnknownVersion as reason:
        assert str(VERSION + 1) in str(reason) and str(VERSION) in str(reason)


class LeftStore(MemoryStore):
    """What is left of a store after tampering."""

    def __init__(self, body, sequence):
        MemoryStore.__init__(self)
        self.left = body, sequence

    def start_anew(self):
        return self.left


def test_after_tampering_nothing_is_left_but_what_was_tightened():
    store = MemoryStore()
    record = Record(store)
    record.commit(Order(5, Trust(owner_key=b"k", authority_key=b"a", policy=0)), b"r")
    for body, kept in (
        (store.versions[-1], (b"a", 0)),
        (cbor.encode({0: VERSION + 1, 7: b"a", 8: 0}), (b"a", 0)),
        (b"\xff", (None, None)),
        (None, (None, None)),
    ):
        anew = Record(LeftStore(body, 9), tampered=True)
        assert (anew.authority, anew.policy) == kept
        assert anew.sequence == 9 and anew.owner is None and not anew.provisioned
        assert anew.receipt is None and anew.window is None
        stays = Record(LeftStore(body, 9), tampered=True, owner_stays=True)
        assert stays.owner == (b"k" if body == store.versions[-1] else None)
        assert (stays.authority, stays.policy) == kept and stays.settings == {}
