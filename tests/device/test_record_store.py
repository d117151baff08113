"""firmware/device/record_store.py: what is not as the board left it is refused."""

import os
from binascii import hexlify

from firmware.device import store as files
from firmware.device.record_store import RecordStore, Tampered
from firmware.device.store import StoreError

FOLDER = "records-" + hexlify(os.urandom(4)).decode()  # where the tests run; removed again
RECORD, WITNESS = "record.cbor", "witness.cbor"


def on_store(scenario):
    """Run scenario(store) on one whose record is b"one", sequence 7, after b"" and b"zero"."""
    try:
        store = RecordStore("lk-test", FOLDER)
        store.create()
        store.save(b"zero", 5)
        store.save(b"one", 7)
        scenario(store)
    finally:
        for name in os.listdir(FOLDER):
            os.remove(FOLDER + "/" + name)
        os.rmdir(FOLDER)


def again(device_id="lk-test"):
    return RecordStore(device_id, FOLDER)


def read(name):
    with open(FOLDER + "/" + name, "rb") as file:
        return file.read()


def write(name, octets):
    with open(FOLDER + "/" + name, "wb") as file:
        file.write(octets)


def tampered(store):
    try:
        body = store.load()
    except Tampered as reason:
        return str(reason)
    raise AssertionError("taken for its own: %r" % body)


def test_what_was_saved_is_loaded():
    def scenario(store):
        assert again().load() == b"one"
        store.save(b"two", None)
        store.save(b"", 9)
        assert again().load() == b""

    on_store(scenario)


def test_refuses_an_older_record_put_back():
    def scenario(store):
        older = read(RECORD)
        store.save(b"two", 8)
        write(RECORD, older)
        assert "older" in tampered(again())

    on_store(scenario)


def test_refuses_a_record_from_the_future():
    """Two generations ahead of its witness: no cut leaves that."""

    def scenario(store):
        witness = read(WITNESS)
        store.save(b"two", 8)
        store.save(b"three", 9)
        write(WITNESS, witness)
        assert "not of this record" in tampered(again())

    on_store(scenario)


def test_refuses_a_record_or_a_witness_that_is_gone_or_damaged():
    def scenario(store):
        for name in (RECORD, WITNESS):
            whole = read(name)
            for octets in (None, b"", whole[:-1], whole[:40], whole + b"0", bytes(len(whole))):
                os.remove(FOLDER + "/" + name)
                if octets is not None:
                    write(name, octets)
                assert name[:4] in tampered(again())
                write(name, whole)
            for at in range(len(whole)):
                write(name, whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :])
                tampered(again())
            write(name, whole)
            assert again().load() == b"one"
        os.remove(FOLDER + "/" + RECORD)
        os.remove(FOLDER + "/" + WITNESS)
        tampered(again())

    on_store(scenario)


def test_refuses_another_boards_files_and_a_witness_for_a_record():
    def scenario(store):
        tampered(again("lk-other"))
        write(RECORD, read(WITNESS))
        tampered(again())

    on_store(scenario)


def test_refuses_a_witness_of_the_same_generation_and_another_sequence():
    """Of a second life of the board, after it was begun anew."""

    def scenario(store):
        witness = read(WITNESS)
        other = again()
        other.start_anew()
        other._generation = 2
        other.save(b"other life", 6)
        write(WITNESS, witness)
        assert "not of this record" in tampered(again())

    on_store(scenario)


def test_both_files_of_one_moment_put_back_are_not_noticed():
    """The limit that SECURITY.md states: nothing on the chip could tell."""

    def scenario(store):
        older = read(RECORD), read(WITNESS)
        store.save(b"two", 8)
        write(RECORD, older[0])
        write(WITNESS, older[1])
        assert again().load() == b"one"

    on_store(scenario)


class Cut:
    """In the place of `os`: the power goes before rename number `number`, to this name if one
    is given."""

    def __init__(self, number, error=None, name=""):
        self.left = number
        self.error = error or OSError(5)
        self.name = name

    def rename(self, old, new):
        if self.left == 0 and new.endswith(self.name):
            raise self.error
        self.left -= 1
        os.rename(old, new)

    def __getattr__(self, name):
        return getattr(os, name)


def cut(number, change, error=None):
    """Run change() with that cut; returns what it raised."""
    files.os = Cut(number, error)
    try:
        change()
    except (OSError, MemoryError) as raised:
        return raised
    finally:
        files.os = os


def test_a_cut_between_the_two_names_leaves_the_new_record_and_is_mended():
    def scenario(store):
        assert cut(1, lambda: store.save(b"two", 8)) is None  # it stands
        for _ in range(2):
            assert again().load() == b"two"
        assert read(WITNESS)[32:] == read(RECORD)[32:48]

    on_store(scenario)


def test_a_save_that_fails_leaves_the_old_record_and_the_next_one_works():
    def scenario(store):
        for error in (OSError(28), MemoryError()):
            raised = cut(0, lambda: store.save(b"two", 8), error)
            assert isinstance(raised, StoreError if isinstance(error, OSError) else MemoryError)
            assert again().load() == b"one"
        store.save(b"three", 8)
        assert again().load() == b"three"

    on_store(scenario)


def test_a_witness_that_lags_is_brought_up_before_the_next_save():
    """Else two cuts in a row would make a board take itself for tampered with."""

    def scenario(store):
        assert cut(1, lambda: store.save(b"two", 8), MemoryError()) is None
        assert isinstance(cut(0, lambda: store.save(b"three", 9)), StoreError)
        files.os = Cut(0, name=WITNESS)
        try:
            store.save(b"three", 9)
            raise AssertionError("its witness is two behind now")
        except StoreError:
            pass
        finally:
            files.os = os
        assert read(RECORD)[48:] == b"two" and again().load() == b"two"
        store.save(b"four", 9)
        assert again().load() == b"four" and read(WITNESS)[32:] == read(RECORD)[32:48]

    on_store(scenario)


def test_a_start_that_cannot_mend_the_witness_still_has_its_record():
    def scenario(store):
        cut(1, lambda: store.save(b"two", 8))
        started = again()
        bodies = []
        assert cut(0, lambda: bodies.append(started.load())) is None
        assert bodies == [b"two"]
        started.save(b"three", 9)
        assert again().load() == b"three"

    on_store(scenario)


def test_beginning_anew_knows_the_sequence_only_from_the_witness():
    def scenario(store):
        record, witness = read(RECORD), read(WITNESS)
        for given_record, given_witness, expected in (
            (record, witness, (b"one", 7)),
            (b"damaged", witness, (None, 7)),
            (None, witness, (None, 7)),
            (record, None, (b"one", None)),
            (record, b"damaged", (b"one", None)),
            (None, None, (None, None)),
        ):
            for name, octets in ((RECORD, given_record), (WITNESS, given_witness)):
                if octets is None:
                    os.remove(FOLDER + "/" + name)
                else:
                    write(name, octets)
            left = again()
            assert left.start_anew() == expected
            left.save(b"anew", expected[1])
            assert again().load() == b"anew"

    on_store(scenario)


def test_beginning_anew_counts_on_so_that_a_cut_in_it_is_mended():
    def scenario(store):
        write(RECORD, b"damaged")
        left = again()
        left.start_anew()
        assert cut(1, lambda: left.save(b"anew", 7)) is None
        assert again().load() == b"anew"

    on_store(scenario)


def test_a_board_begun_anew_without_a_sequence_does_not_find_one_again():
    def scenario(store):
        store.save(b"body", None)
        os.remove(FOLDER + "/" + RECORD)
        assert again().start_anew() == (None, None)

    on_store(scenario)
