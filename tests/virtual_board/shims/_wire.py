"""The board's end of the wire to the world: framed messages on a Unix socket.

A frame is `<HBB`: length of the body, kind, number; then the body. Everything the chip
would do for the modules of this folder (radio, Wi-Fi, pins) is asked of the world here.

Interrupts: a thread sleeps in poll() and only rings (micropython.schedule); reading and
handling happen on the main thread, between two bytecodes of the product, as on the board.
"""

import _thread
import gc
import json
import os
import select
import struct
import sys

import micropython
import usocket

# To the world.
CALL, POST, NOTIFY, ACK = 1, 2, 3, 4
# From the world.
REPLY, STATE, WRITE, READ, EVENT, CREDIT = 1, 2, 3, 4, 5, 6

_MOST_EVENTS = 8

state = {}  # what the world last said of pins and switches
watchers = {}  # name in `state`: function called with the new value
gatt = None  # set by the bluetooth module: handles WRITE, READ, EVENT, CREDIT

_socket = None
_poller = None
_replies = {}
_events = []
_number = 0
_reading = False
_main = _thread.get_ident()
_rung = _thread.allocate_lock()


def connect(path):
    """Open the wire at the Unix socket `path` and start the thread that rings."""
    global _socket, _poller
    _socket = usocket.socket(usocket.AF_UNIX, usocket.SOCK_STREAM)
    # sockaddr_un: the family, native order, then the path.
    _socket.connect(struct.pack("H", usocket.AF_UNIX) + path.encode() + b"\0")
    _poller = select.poll()
    _poller.register(_socket, select.POLLIN)
    _rung.acquire()
    _thread.start_new_thread(_ring, ())


def call(*request):
    """Ask the world and wait. Returns its answer; raises OSError with the number it gives."""
    global _number, _reading
    _number = number = (_number % 255) + 1
    _send(CALL, number, json.dumps(request))
    # From the look at _replies on, no interrupt may take the answer away before the read.
    outer, _reading = _reading, True
    while number not in _replies:
        _read_frame()
    _reading = outer
    if _events:
        _schedule()
    failed, answer = _replies.pop(number)
    if failed:
        raise OSError(answer)
    return answer


def post(*notice):
    """Tell the world; nothing comes back."""
    _send(POST, 0, json.dumps(notice))


def send_raw(kind, number, body):
    """One frame in one write, so that an interrupt cannot come in between."""
    _send(kind, number, body)


def halt():
    """Stop here for ever: the world cuts the power."""
    while True:
        _rung.acquire()


def _send(kind, number, body):
    if isinstance(body, str):
        body = body.encode()
    _socket.write(struct.pack("<HBB", len(body), kind, number) + body)


def _ring():
    poller = select.poll()
    poller.register(_socket, select.POLLIN)
    while True:
        for _ in poller.ipoll(-1):
            pass
        _schedule()
        _rung.acquire()


def _schedule():
    try:
        micropython.schedule(_interrupt, None)
    except RuntimeError:
        pass  # the queue is full: one of those in it is ours or will be followed by ours


def _interrupt(_):
    global _reading
    # Another thread that comes by a bytecode check may be handed this too; and it may come
    # while the main code is half way through a frame.
    if _thread.get_ident() != _main or _reading:
        _schedule()
        return
    while True:
        # A few at a time: a flood must not fill the heap before any of it is handled.
        _reading = True
        while len(_events) < _MOST_EVENTS and _poller.poll(0):
            _read_frame()
        _reading = False
        if not _events:
            break
        while _events:
            kind, number, body = _events.pop(0)
            _handle(kind, number, body)
    if _rung.locked():
        _rung.release()


def _handle(kind, number, body):
    if kind == STATE:
        for name, value in json.loads(body).items():
            state[name] = value
            if name in watchers:
                watchers[name](value)
    elif gatt is not None:
        gatt.handle(kind, number, body)


def _read_frame():
    head = _socket.read(4)
    if not head or len(head) < 4:
        os.system("kill -9 $PPID")  # the world has gone, and the board with it
    length, kind, number = struct.unpack("<HBB", head)
    body = _socket.read(length) if length else b""
    if kind == REPLY:
        _replies[number] = json.loads(body)
    elif kind == CREDIT:
        if gatt is not None:
            gatt.credit(number)
    else:
        _events.append((kind, number, body))


def _measure(_):
    gc.collect()
    post("heap", gc.mem_alloc(), gc.mem_free())


watchers["measure"] = _measure


def report(error):
    """Print an exception as the board's prompt does."""
    sys.print_exception(error)
