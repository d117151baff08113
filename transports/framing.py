"""Whole messages over a link that carries small frames, in both directions.

A BLE characteristic cuts long writes in silence, and aioble's queue of captured writes
drops the oldest of more than ten in silence too, so nothing below this layer says that a
message is whole. Here every frame has its place, the first one announces count, length and
checksum, and the receiver acknowledges: go-back-N with a window of four. Frames that are
lost, repeated, swapped or from another message are never joined.

Both classes are free of I/O and of clocks and serve board and host alike: the owner moves
the frames, and tells a `Sender` when an acknowledgement is overdue.

    first  00iiiiii  length:2  count:2  crc32:4  octets ...
    next   01iiiiii  index:2   octets ...
    ack    10iiiiii  next wanted index:2, its top bit set after a gap: "again from here"
    abort  11iiiiii  reason:1

`i` is the message id, counted by each sender for itself. Integers are big-endian.
The crc32 (ITU-T V.42) is there to find accidents; against forgery there is the signature.
"""

import struct
from binascii import crc32

WINDOW = 4  # unacknowledged frames; two centrals together stay below aioble's queue of 10
ACK_EVERY = 2  # frames in order between two acknowledgements
MIN_FRAME = 20  # ATT_MTU 23, less 3
MAX_FRAME = 509  # a characteristic holds 512 octets at most
RETRY_MS = 1000  # how long a sender waits for an acknowledgement
RETRIES = 5
STALLED_MS = 10000  # how long a receiver keeps half a message

FIRST, NEXT, ACK, ABORT = 0x00, 0x40, 0x80, 0xC0
TOO_LONG, BROKEN, NO_ROOM = 1, 2, 3  # reasons of an abort

_GAP = 0x8000
_FIRST_HEADER = 9
_NEXT_HEADER = 3


class FramingError(Exception):
    """The peer aborted the message, or never acknowledged it."""


def is_data(frame):
    """Tell whether `frame` belongs to a message, rather than answering one."""
    return len(frame) > 0 and frame[0] & 0x80 == 0


class Sender:
    """Cuts one message into frames of at most `frame_size` octets and sees them through."""

    def __init__(self, message, message_id, frame_size):
        if not 0 < len(message) < 0x10000:
            raise ValueError("a message has 1 to 65535 octets")
        if frame_size < MIN_FRAME:
            raise ValueError("a frame has at least 20 octets")
        self._message = memoryview(message)
        self._id = message_id & 0x3F
        self._size = min(frame_size, MAX_FRAME)
        rest = len(message) - (self._size - _FIRST_HEADER)
        body = self._size - _NEXT_HEADER
        self._count = 1 + max(0, (rest + body - 1) // body)
        self._acked = 0  # frames the peer has
        self._sent = 0  # frames sent since the last step back
        self._stepped_back = False
        self._retries = 0

    @property
    def done(self):
        return self._acked == self._count

    @property
    def progress(self):
        """(acknowledged frames, all frames)"""
        return self._acked, self._count

    def next_frames(self):
        """Return the frames (list of bytes) that may be sent now, each once."""
        limit = min(self._acked + WINDOW, self._count)
        frames = [self._frame(i) for i in range(self._sent, limit)]
        self._sent = max(self._sent, limit)
        return frames

    def on_answer(self, frame):
        """Take an ack or abort frame. Raises FramingError when the peer gave up."""
        if len(frame) < 2 or frame[0] & 0x3F != self._id:
            return
        kind = frame[0] & 0xC0
        if kind == ABORT:
            raise FramingError("the peer aborted the message, reason %d" % frame[1])
        if kind != ACK or len(frame) != 3:
            return
        wanted = (frame[1] << 8 | frame[2]) & ~_GAP
        if self._acked < wanted <= self._sent:
            self._acked = wanted
            self._stepped_back = False
            self._retries = 0
        if wanted == self._acked and frame[1] & 0x80 and not self._stepped_back:
            # Step back once: every frame already under way behind the gap asks again.
            self._sent = self._acked
            self._stepped_back = True

    def on_timeout(self):
        """No acknowledgement in RETRY_MS. Raises FramingError after RETRIES of them."""
        self._retries += 1
        if self._retries > RETRIES:
            raise FramingError("the peer does not acknowledge")
        self._sent = self._acked
        self._stepped_back = False

    def _frame(self, index):
        if index == 0:
            header = struct.pack(
                ">BHHI", FIRST | self._id, len(self._message), self._count,
                crc32(self._message) & 0xFFFFFFFF,
            )  # fmt: skip
            return header + self._message[: self._size - _FIRST_HEADER]
        body = self._size - _NEXT_HEADER
        start = self._size - _FIRST_HEADER + (index - 1) * body
        return struct.pack(">BH", NEXT | self._id, index) + self._message[start : start + body]


class Receiver:
    """Joins the frames of one peer into messages of at most `limit` octets."""

    def __init__(self, limit):
        self._limit = limit
        self._finished = None  # (id, count) of the last whole message
        self.reset()

    def reset(self):
        """Forget half a message (the peer went away, or stalled)."""
        self._buffer = None
        self._header = None
        self._id = self._wanted = self._filled = 0

    @property
    def busy(self):
        """True while part of a message is held."""
        return self._buffer is not None

    def feed(self, frame):
        """Take one data frame.

        Returns (message or None, frame to send back or None). A frame that is no frame
        is ignored: whoever sent it will miss the acknowledgement.
        """
        if len(frame) < _NEXT_HEADER + 1:
            return None, None
        message_id = frame[0] & 0x3F
        if frame[0] & 0xC0 == FIRST:
            return self._first(message_id, frame)
        index = frame[1] << 8 | frame[2]
        if self._buffer is None or message_id != self._id:
            return None, self._acknowledge_finished(message_id)
        if index != self._wanted:
            return None, self._ack(_GAP if index > self._wanted else 0)
        return self._append(frame, _NEXT_HEADER)

    def _first(self, message_id, frame):
        if len(frame) <= _FIRST_HEADER:
            return None, None
        header = bytes(frame[:_FIRST_HEADER])
        if self._buffer is not None and header == self._header:
            return None, self._ack()
        again = self._acknowledge_finished(message_id)
        if again and header == self._header:
            return None, again
        _, length, count, _ = struct.unpack(">BHHI", header)
        self.reset()
        self._finished = None
        if length == 0 or length > self._limit or not 0 < count < _GAP:
            return None, bytes((ABORT | message_id, TOO_LONG))
        try:
            self._buffer = bytearray(length)
        except MemoryError:
            return None, bytes((ABORT | message_id, NO_ROOM))
        self._id = message_id
        self._header = header
        return self._append(frame, _FIRST_HEADER)

    def _append(self, frame, skip):
        _, length, count, checksum = struct.unpack(">BHHI", self._header)
        body = memoryview(frame)[skip:]
        last = self._wanted + 1 == count
        end = self._filled + len(body)
        if end > length or last != (end == length):
            return self._abandon()
        self._buffer[self._filled : end] = body
        self._filled = end
        self._wanted += 1
        if not last:
            return None, self._ack() if self._wanted % ACK_EVERY == 0 else None
        if crc32(self._buffer) & 0xFFFFFFFF != checksum:
            return self._abandon()
        message, header, ack = self._buffer, self._header, self._ack()
        self._finished = (self._id, count)
        self.reset()
        self._header = header
        return message, ack

    def _abandon(self):
        answer = bytes((ABORT | self._id, BROKEN))
        self.reset()
        return None, answer

    def _ack(self, gap=0):
        return struct.pack(">BH", ACK | self._id, self._wanted | gap)

    def _acknowledge_finished(self, message_id):
        """The last acknowledgement may have been lost; say it again, deliver nothing."""
        if self._finished is None or self._finished[0] != message_id:
            return None
        return struct.pack(">BH", ACK | message_id, self._finished[1])
