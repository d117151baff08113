"""The one file that changes in the field: settings, counters and receipt, as one transaction.

LittleFS renames atomically and promises nothing across two files, so everything that must
change together is one file, written beside the old one and renamed over it. A digest tells
a damaged file from a whole one.
"""

import os
from errno import ENOENT
from hashlib import sha256

FOLDER = "/latchkey"
_DIGEST_LENGTH = 32


class StoreError(OSError):
    """The record could not be written; what was there before is still there."""


class Damaged(Exception):
    """The record is there and cannot be read, or is not what was written."""


class Store:
    def __init__(self, name, folder=FOLDER):
        self._folder = folder
        self._path = folder + "/" + name
        self._new_path = self._path + ".new"

    def load(self):
        """Return the octets last saved, or None if there never were any. Raises Damaged."""
        try:
            with open(self._path, "rb") as file:
                content = file.read()
        except OSError as error:
            if error.errno == ENOENT:
                return None
            # A board that forgot its sequence would take again what it has had.
            raise Damaged(self._path)
        body = content[_DIGEST_LENGTH:]
        if sha256(body).digest() != content[:_DIGEST_LENGTH]:
            raise Damaged(self._path)
        return body

    def save(self, body):
        """Replace the record by `body`. Raises StoreError and leaves the old one."""
        digest = sha256(body).digest()  # before the first write: nothing to allocate after it
        try:
            try:
                os.mkdir(self._folder)
            except OSError:
                pass  # it is there, or the open below says what is wrong
            with open(self._new_path, "wb") as file:
                file.write(digest)
                file.write(body)
            os.rename(self._new_path, self._path)
        except OSError as error:
            raise StoreError(*error.args)
