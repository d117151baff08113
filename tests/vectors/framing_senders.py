"""What is done to each sender of framing.json; each docstring says how it ends."""

from __future__ import annotations

import struct
from binascii import crc32
from typing import Any

FIRST, NEXT, ACK, ABORT = 0x00, 0x40, 0x80, 0xC0
GAP = 0x8000


def pattern(length: int) -> bytes:
    return bytes((i * 7 + i // 251) & 255 for i in range(length))


def first(
    message: bytes, body: bytes, count: int, number: int = 1, checksum: int | None = None
) -> bytes:
    """A first frame put together by hand, true or not."""
    return (
        struct.pack(
            ">BHHI",
            FIRST | number,
            len(message),
            count,
            crc32(message) if checksum is None else checksum,
        )
        + body
    )


def following(index: int, body: bytes, number: int = 1) -> bytes:
    return struct.pack(">BH", NEXT | number, index) + body


def ack(wanted: int, number: int = 1) -> bytes:
    return struct.pack(">BH", ACK | number, wanted)


def three_frames(message: bytes = b"one two three", number: int = 1) -> list[bytes]:
    cuts = message[:4], message[4:8], message[8:]
    start = first(message, cuts[0], 3, number)
    return [start, following(1, cuts[1], number), following(2, cuts[2], number)]


# (octets, frame size): the smallest frames, MTUs that are common, the largest; lengths around
# the first frame's room, and one whose indexes do not fit into an octet.
SIZES = (
    (1, 20), (11, 20), (12, 20), (28, 20), (29, 20), (4500, 20), (100, 21), (300, 61),
    (173, 182), (174, 182), (1000, 182), (600, 244), (500, 509), (501, 509), (2100, 509),
    (700, 512), (700, 65535),
)  # fmt: skip
NO_MESSAGES = ((0, 20), (65536, 20), (1, 19), (1, 0))
FRAMES = (
    b"",
    b"\x00",
    b"\x3f\x01",
    b"\x40",
    b"\x7f",
    b"\x80\x00\x01",
    b"\xbf",
    b"\xc0\x01",
    b"\xff",
)


# --- Senders of 60 octets in frames of 20: four frames, or of 100 octets: seven ---------------


def one_is_acknowledged_frame_by_frame(s: Any) -> None:
    """done"""
    s.frames()
    for wanted in (1, 2, 3, 4):
        s.answer(ack(wanted))
        s.frames()


def the_window_is_four(s: Any) -> None:
    """done"""
    s.frames()
    s.frames()
    s.answer(ack(2))
    s.frames()
    s.answer(ack(6))
    s.frames()
    s.answer(ack(7))


def after_a_gap_it_steps_back_once(s: Any) -> None:
    """under way"""
    s.frames()
    s.answer(ack(1 | GAP))
    s.frames()
    s.answer(ack(1 | GAP))
    s.frames()
    s.answer(ack(3 | GAP))  # another gap, further on
    s.frames()


def a_gap_at_the_very_beginning(s: Any) -> None:
    """done"""
    s.frames()
    s.answer(ack(0 | GAP))
    s.frames()
    s.answer(ack(4))


def a_timeout_allows_another_step_back(s: Any) -> None:
    """under way"""
    s.frames()
    s.answer(ack(1 | GAP))
    s.frames()
    s.timeout()
    s.frames()
    s.answer(ack(1 | GAP))
    s.frames()


def an_acknowledgement_of_before_changes_nothing(s: Any) -> None:
    """under way"""
    s.frames()
    s.answer(ack(3))
    s.answer(ack(2))
    s.answer(ack(2 | GAP))
    s.answer(ack(0))
    s.frames()


def what_was_not_sent_is_not_acknowledged(s: Any) -> None:
    """under way"""
    s.answer(ack(1))
    s.frames()
    s.answer(ack(5))
    s.answer(ack(0x7FFF))
    s.answer(ack(0x7FFF | GAP))


def a_late_acknowledgement_comes_after_the_timeout(s: Any) -> None:
    """done"""
    s.frames()
    s.timeout()
    s.answer(ack(4))  # it has stepped back: as good as never sent
    s.frames()
    s.answer(ack(4))


def what_is_no_answer_to_it_is_ignored(s: Any) -> None:
    """under way"""
    s.frames()
    answers = (
        b"",
        b"\x81",
        b"\x81\x00",
        b"\x81\x00\x01\x00",
        b"\x82\x00\x01",
        b"\xc2\x01",
        b"\xc1",
    )
    for frame in (*answers, b"\x01\x00\x01", b"\x41\x00\x01"):
        s.answer(frame)


def it_is_too_long(s: Any) -> None:
    """fails"""
    s.frames()
    s.answer(bytes((ABORT | 1, 1)))


def it_arrives_broken(s: Any) -> None:
    """fails"""
    s.frames()
    s.answer(ack(2))
    s.answer(bytes((ABORT | 1, 2)))


def there_is_no_room_for_it(s: Any) -> None:
    """fails"""
    s.frames()
    s.answer(bytes((ABORT | 1, 3)))


def an_abort_says_more_than_its_reason(s: Any) -> None:
    """fails"""
    s.frames()
    s.answer(bytes((ABORT | 1, 9, 0, 0)))


def five_timeouts_are_borne(s: Any) -> None:
    """fails"""
    for _ in range(6):
        s.frames()
        s.timeout()


def progress_forgives_the_timeouts(s: Any) -> None:
    """under way"""
    s.frames()
    for _ in range(5):
        s.timeout()
    s.frames()
    s.answer(ack(1))
    for _ in range(5):
        s.timeout()
    s.frames()


def an_id_has_six_bits(s: Any) -> None:
    """done"""
    s.frames()
    s.answer(ack(4, 0x3F))


def nothing_follows_the_end(s: Any) -> None:
    """done"""
    s.frames()
    s.answer(ack(4))
    s.frames()
    s.answer(ack(4 | GAP))
    s.answer(ack(4))


SHORT, LONG = (pattern(60), 1, 20), (pattern(100), 1, 20)
SENDERS = (
    (one_is_acknowledged_frame_by_frame, SHORT),
    (the_window_is_four, LONG),
    (after_a_gap_it_steps_back_once, LONG),
    (a_gap_at_the_very_beginning, SHORT),
    (a_timeout_allows_another_step_back, LONG),
    (an_acknowledgement_of_before_changes_nothing, LONG),
    (what_was_not_sent_is_not_acknowledged, LONG),
    (a_late_acknowledgement_comes_after_the_timeout, SHORT),
    (what_is_no_answer_to_it_is_ignored, SHORT),
    (it_is_too_long, SHORT),
    (it_arrives_broken, SHORT),
    (there_is_no_room_for_it, SHORT),
    (an_abort_says_more_than_its_reason, SHORT),
    (five_timeouts_are_borne, SHORT),
    (progress_forgives_the_timeouts, SHORT),
    (an_id_has_six_bits, (pattern(60), 0xFF, 20)),
    (nothing_follows_the_end, SHORT),
)
