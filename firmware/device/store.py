"""Files of the board that are whole or not there: each is written beside the old one and renamed.

LittleFS renames atomically and promises nothing across two files. A digest tells a damaged file
from a whole one, and, with a `context`, this board's file from another's or from another kind.
"""

import os
from errno import ENOENT
from hashlib import sha256

FOLDER = "/latchkey"
NEW = ".new"
_DIGEST_LENGTH = 32


class StoreError(OSError):
    """The file could not be written; what was there before is still there."""


class Damaged(Exception):
    """The file is there and cannot be read, or is not what was written."""


class Store:
    """One file. Its digest says nothing about who wrote it: whoever can write the flash can
    make another."""

    def __init__(self, name, folder=FOLDER, context=b""):
        self._folder = folder
        self._path = folder + "/" + name
        self._new_path = self._path + NEW
        self._context = context

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
        if self._digest(body) != content[:_DIGEST_LENGTH]:
            raise Damaged(self._path)
        return body

    def save(self, body):
        """Replace the file by `body`. Raises StoreError and leaves the old one."""
        self.prepare(body)
        self.put()

    def prepare(self, *parts):
        """Write what `put` will put in the place of the old. Raises StoreError."""
        digest = self._digest(*parts)  # before the first write: nothing to allocate after it
        try:
            try:
                os.mkdir(self._folder)
            except OSError:
                pass  # it is there, or the open below says what is wrong
            with open(self._new_path, "wb") as file:
                file.write(digest)
                for part in parts:
                    file.write(part)
        except OSError as error:
            raise StoreError(*error.args)

    def put(self):
        """Rename. Raises StoreError."""
        try:
            os.rename(self._new_path, self._path)
        except OSError as error:
            raise StoreError(*error.args)

    def _digest(self, *parts):
        digest = sha256(self._context)
        for part in parts:
            digest.update(part)
        return digest.digest()
