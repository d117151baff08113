"""The ROM: mounts the flash at "/", then runs boot.py and main.py as the port does."""

import gc
import os
import select
import sys

import _flash
import _wire

_MOST_SOCKETS = 64


def start(wire_path, rom):
    """Connect to the world, mount, and run what it asks for. Never returns normally."""
    _wire.connect(wire_path)
    plan = _wire.call("hello")
    _wire.state.update(plan["state"])
    flash = _flash.Flash(plan["flash"], plan["blocks"], plan["faults"])
    if plan.get("format"):
        os.VfsLfs2.mkfs(flash)
    filesystem = os.VfsLfs2(flash)
    os.umount("/")
    os.mount(os.VfsPosix(rom), "/rom")
    os.mount(filesystem, "/")
    if "stage" in plan:
        os.mount(os.VfsPosix(plan["stage"]), "/stage")
    os.chdir("/")
    sys.path[:] = ["/rom", "", ".frozen", "/lib"]
    _wire.post("filler", _fill(plan["full"]))
    gc.collect()
    _wire.post("heap", gc.mem_alloc(), gc.mem_free())
    _make_room_to_poll()
    _name_peers()
    # On the console, so that it comes after the last line that the firmware printed.
    print("\x04" + _run(plan.get("code")))
    _wire.halt()


def _make_room_to_poll():
    """MicroPython 1.29 for Unix crashes when the array of what asyncio polls grows while a
    ThreadSafeFlag is in it (poll_set_add_fd in extmod/modselect.c moves a pointer that is
    NULL for whatever has no file descriptor): from the fourth connection on, beside aioble.
    No other port has that array. So it has its size before anything is in it."""
    import asyncio

    poller = asyncio.core._io_queue.poller
    unused = range(1000, 1000 + _MOST_SOCKETS)
    for number in unused:
        poller.register(number, select.POLLIN)
    for number in unused:
        poller.unregister(number)


def _name_peers():
    """A stream's peer as the ESP32's accept() gives it: text and port, and not a sockaddr; and
    with the address that it has on the network it comes from."""
    import asyncio

    import usocket

    def get_extra_info(self, key):
        value = self.e[key]
        if key == "peername":
            _, octets, port = usocket.sockaddr(value)
            address = usocket.inet_ntop(usocket.AF_INET, octets)
            return tuple(_wire.call("peername", address, port))
        return value

    asyncio.StreamReader.get_extra_info = get_extra_info


def _run(code):
    scope = {"__name__": "__main__"}
    try:
        if code is not None:
            exec(code, scope)
        else:
            for name in ("boot.py", "main.py"):
                if name in os.listdir("/"):
                    execfile(name, scope)  # noqa: F821 (a builtin of MicroPython)
    except SystemExit:
        return "exit"
    except BaseException as error:
        _wire.report(error)
        return "%s: %s" % (type(error).__name__, error)
    return "done"


def _fill(full):
    """Leave no free block on the flash, or take away what did; returns the octets used."""
    if not full:
        if "filler" in os.listdir("/"):
            os.remove("filler")
        return 0
    used = 0
    block = b"\xa5" * _flash.BLOCK
    with open("/filler", "ab") as file:
        try:
            while True:
                used += file.write(block)
                file.flush()
        except OSError:
            return used
