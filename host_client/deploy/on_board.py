"""What deploying runs on the board, in its raw REPL: look, make folders, remove.

This text is sent to the board and executed there by MicroPython, followed by one call. Each fact
goes out as one line of JSON behind a mark, so that what a boot.py prints is not taken for one.
"""

import json
import os
import sys
from binascii import hexlify
from hashlib import sha256

MARK = "\x1e"  # RECORD SEPARATOR
FOLDER_BIT = 0x4000  # of a directory entry's type, as ilistdir and stat give it


def say(**fact):
    print(MARK + json.dumps(fact))


def inventory(folders, record, files):
    """Say what the board is, then path, size and SHA-256 of the files in folders, among files,
    and in the record of an earlier deploy, whose text is said too."""
    space = os.statvfs("/")
    say(
        kind="board",
        platform=sys.platform,
        name=sys.implementation.name,
        version=list(sys.implementation.version[:3]),
        mpy=getattr(sys.implementation, "_mpy", 0),
        machine=getattr(sys.implementation, "_machine", ""),
        free=space[0] * space[3],
        block=space[0],
        libraries=listing("/lib"),
    )
    seen = set()
    for folder in folders:
        for path in walk(folder):
            seen.add(path)
            describe(path)
    for path in list(files) + recorded(record):
        if path not in seen:
            seen.add(path)
            describe(path)


def listing(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


def walk(folder):
    found = []
    for name in listing(folder):
        path = folder + "/" + name
        if os.stat(path)[0] & FOLDER_BIT:
            found.extend(walk(path))
        else:
            found.append(path)
    return found


def describe(path):
    digest = sha256()
    size = 0
    buffer = bytearray(512)
    view = memoryview(buffer)
    try:
        with open(path, "rb") as file:
            while True:
                count = file.readinto(buffer)
                if not count:
                    break
                digest.update(view[:count])
                size += count
    except OSError:
        return  # it is not there
    say(kind="file", path=path, size=size, sha256=hexlify(digest.digest()).decode())


def recorded(path):
    """Say the record's text, and return the paths that it lists."""
    try:
        with open(path) as file:
            text = file.read()
        paths = list(json.loads(text)["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return []  # there is none, or it is damaged
    say(kind="record", text=text)
    return paths


def make_folders(paths):
    for path in paths:
        try:
            os.mkdir(path)
        except OSError:
            os.stat(path)  # raises where it is not there after all


def remove(paths):
    """Remove files, and the folders that this leaves empty."""
    for path in paths:
        os.remove(path)
        say(kind="removed", path=path)
        folder = path.rpartition("/")[0]
        while folder and not listing(folder):
            os.rmdir(folder)
            folder = folder.rpartition("/")[0]
