"""firmware/device/store.py on a folder of this machine."""

import os
from binascii import hexlify

from firmware.device.store import Damaged, Store, StoreError

FOLDER = "store-" + hexlify(os.urandom(4)).decode()  # where the tests run; removed again


def on_store(scenario):
    try:
        scenario(Store("record.cbor", FOLDER))
    finally:
        for name in ("record.cbor", "record.cbor.new"):
            try:
                os.remove(FOLDER + "/" + name)
            except OSError:
                pass  # this scenario did not make it
        os.rmdir(FOLDER)


def test_what_was_saved_is_loaded_and_nothing_before():
    def scenario(store):
        assert store.load() is None
        for body in (b"", b"one", b"two"):
            store.save(body)
            assert store.load() == body

    on_store(scenario)


def test_a_changed_file_is_damaged():
    def scenario(store):
        store.save(b"body")
        for octets in (b"", b"short", bytes(32) + b"body"):
            with open(FOLDER + "/record.cbor", "wb") as file:
                file.write(octets)
            try:
                store.load()
            except Damaged:
                continue
            raise AssertionError(octets)

    on_store(scenario)


def test_a_file_that_cannot_be_read_is_not_one_that_never_was():
    """Else a board whose flash fails would forget its sequence, and take orders again."""

    def scenario(store):
        os.mkdir(FOLDER)
        os.mkdir(FOLDER + "/record.cbor")  # there, and open() fails
        try:
            try:
                store.load()
            except Damaged:
                return
            raise AssertionError("taken for a board that has saved nothing")
        finally:
            os.rmdir(FOLDER + "/record.cbor")

    on_store(scenario)


def test_a_save_that_fails_leaves_the_old_record():
    def scenario(store):
        store.save(b"old")
        os.mkdir(FOLDER + "/record.cbor.new")  # what is written first cannot be opened
        try:
            store.save(b"new")
        except StoreError:
            pass
        else:
            raise AssertionError("it was said to be saved")
        finally:
            os.rmdir(FOLDER + "/record.cbor.new")
        assert store.load() == b"old"

    on_store(scenario)
