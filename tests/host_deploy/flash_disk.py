"""Runs on MicroPython before its prompt: a LittleFS of its own at "/", kept in one file.

argv: the file that holds the flash. The real file system of this computer is out of reach
afterwards, so nothing that a deploy does can touch it.
"""

import os
import sys

BLOCK = 4096
COUNT = 256  # 1 MiB, of a flash that is not there yet
HARD_RESET = 3  # exit code, told from that of a soft reset


class FileDisk:
    """The block device that VfsLfs2 asks for, over an open file."""

    def __init__(self, path):
        try:
            self.file = open(path, "r+b")
        except OSError:
            with open(path, "wb") as new:
                for _ in range(COUNT):
                    new.write(b"\xff" * BLOCK)
            self.file = open(path, "r+b")
        self.count = self.file.seek(0, 2) // BLOCK

    def readblocks(self, number, buffer, offset=0):
        self.file.seek(number * BLOCK + offset)
        self.file.readinto(buffer)

    def writeblocks(self, number, buffer, offset=0):
        self.file.seek(number * BLOCK + offset)
        self.file.write(buffer)
        self.file.flush()

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.count
        if operation == 5:
            return BLOCK
        if operation == 6:  # erase: LittleFS needs no particular content
            return 0
        return None


def mount(path):
    disk = FileDisk(path)
    try:
        system = os.VfsLfs2(disk)
    except OSError:
        os.VfsLfs2.mkfs(disk)
        system = os.VfsLfs2(disk)
    os.umount("/")
    os.mount(system, "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]


class Machine:
    """In the place of the module of that name: a reset ends the interpreter with its own code."""

    def reset(self):
        sys.exit(HARD_RESET)


class Network:
    """In the place of the module of that name: a station that can be switched on and off."""

    STA_IF = 0

    def __init__(self):
        self.on = False

    def WLAN(self, interface):
        return self

    def active(self, on=None):
        if on is None:
            return self.on
        self.on = on


sys.modules["machine"] = Machine()
sys.modules["network"] = Network()
mount(sys.argv[1])
