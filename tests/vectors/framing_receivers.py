"""What is done to each receiver of framing.json; each docstring says how it ends."""

from __future__ import annotations

from typing import Any

from tests.vectors.framing_senders import first, following, three_frames


def one_frame_is_a_message(r: Any) -> None:
    """1 whole"""
    r.feed(first(b"x", b"x", 1))


def a_gap_is_told(r: Any) -> None:
    """1 whole"""
    one, two, three = three_frames()
    r.feed(one, three, three, two, three)


def two_are_swapped(r: Any) -> None:
    """1 whole"""
    one, two, three = three_frames()
    r.feed(two, one, three, two, three)


def every_frame_comes_twice(r: Any) -> None:
    """1 whole"""
    for frame in three_frames():
        r.feed(frame, frame)


def all_is_sent_again_from_the_beginning(r: Any) -> None:
    """1 whole"""
    one, two, three = three_frames()
    r.feed(one, two, one, two, three)


def the_last_acknowledgement_is_lost(r: Any) -> None:
    """1 whole"""
    r.feed(*three_frames(), *three_frames())


def the_same_message_is_sent_anew_under_the_next_id(r: Any) -> None:
    """2 whole"""
    r.feed(*three_frames(number=1), *three_frames(number=2), *three_frames(number=1)[1:])


def an_id_is_used_again_for_another_message(r: Any) -> None:
    """2 whole"""
    r.feed(*three_frames(), *three_frames(b"four five six"))


def a_new_message_replaces_half_of_one(r: Any) -> None:
    """1 whole"""
    one, two, three = three_frames(number=1)
    r.feed(one, two, *three_frames(b"four five six", 2), three)


def another_message_under_the_same_id_replaces_half_of_one(r: Any) -> None:
    """1 whole"""
    r.feed(three_frames()[0], *three_frames(b"four five six"))


def two_messages_are_not_joined(r: Any) -> None:
    """0 whole, half of one"""
    r.feed(three_frames(number=1)[0], *three_frames(b"four five six", 2)[1:])


def half_a_message_makes_the_one_before_forgotten(r: Any) -> None:
    """1 whole, half of one"""
    before = three_frames(number=1)
    r.feed(*before, before[2], three_frames(b"four five six", 2)[0], before[2])


def an_impossible_message_makes_the_one_before_forgotten(r: Any) -> None:
    """1 whole"""
    before = three_frames(number=1)
    r.feed(*before, first(bytes(21), b"x", 2, 2), before[2])


def the_end_of_an_unknown_message(r: Any) -> None:
    """0 whole"""
    r.feed(*three_frames()[1:])


def what_is_no_frame_is_ignored(r: Any) -> None:
    """1 whole"""
    one, two, three = three_frames()
    r.feed(b"", b"\x01", b"\x01\x00\x01", one[:9], one, b"\x41\x00\x01", one[:4], two, three)


def as_long_as_the_limit(r: Any) -> None:
    """1 whole"""
    r.feed(first(bytes(20), bytes(10), 2), following(1, bytes(10)))


def over_the_limit(r: Any) -> None:
    """0 whole"""
    r.feed(first(bytes(21), bytes(11), 2), following(1, bytes(10)))


def of_no_length(r: Any) -> None:
    """0 whole"""
    r.feed(first(b"", b"x", 1))


def of_no_frames(r: Any) -> None:
    """0 whole"""
    r.feed(first(b"x", b"x", 0))


def of_too_many_frames(r: Any) -> None:
    """0 whole, half of one"""
    r.feed(first(b"xy", b"x", 0x8000), first(b"xy", b"x", 0xFFFF), first(b"xy", b"x", 0x7FFF))


def an_impossible_message_ends_half_of_one(r: Any) -> None:
    """0 whole"""
    one, two, three = three_frames()
    r.feed(one, first(bytes(21), b"x", 2, 2), two, three)


def an_octet_is_changed(r: Any) -> None:
    """1 whole"""
    one, two, three = three_frames()
    r.feed(one, two, three[:-1] + b"E", *three_frames())


def the_checksum_is_another(r: Any) -> None:
    """0 whole"""
    r.feed(first(b"x", b"x", 1, checksum=0), first(b"x", b"x", 1, checksum=0xFFFFFFFF))


def a_frame_is_cut_short(r: Any) -> None:
    """0 whole"""
    one, two, three = three_frames()
    r.feed(one, two[:-1], three, two)


def a_frame_is_too_long(r: Any) -> None:
    """0 whole"""
    one, two, three = three_frames()
    r.feed(one, two, three + b"!", three)


def the_first_frame_holds_more_than_the_message(r: Any) -> None:
    """0 whole"""
    r.feed(first(b"xyz", b"xyzz", 1))


def all_is_there_before_the_last_frame(r: Any) -> None:
    """0 whole"""
    r.feed(first(b"xyz", b"xyz", 2), following(1, b"?"))


def the_last_frame_leaves_some_open(r: Any) -> None:
    """0 whole"""
    r.feed(first(b"xyz", b"x", 2), following(1, b"y"), following(2, b"z"))


def half_a_message_is_forgotten(r: Any) -> None:
    """1 whole"""
    one, two, three = three_frames()
    r.feed(one, two)
    r.reset()
    r.feed(three, one, two, three)


def a_whole_one_is_remembered_by_its_id_alone_after_a_reset(r: Any) -> None:
    """2 whole"""
    one, two, three = three_frames()
    r.feed(one, two, three)
    r.reset()
    r.feed(two, three, one, two, three)


def many_messages_one_after_the_other(r: Any) -> None:
    """5 whole"""
    for number in (61, 62, 63, 0, 1):
        r.feed(*three_frames(bytes((number,)) * 13, number))


LIMIT = 20
RECEIVERS = (
    one_frame_is_a_message,
    a_gap_is_told,
    two_are_swapped,
    every_frame_comes_twice,
    all_is_sent_again_from_the_beginning,
    the_last_acknowledgement_is_lost,
    the_same_message_is_sent_anew_under_the_next_id,
    an_id_is_used_again_for_another_message,
    a_new_message_replaces_half_of_one,
    another_message_under_the_same_id_replaces_half_of_one,
    two_messages_are_not_joined,
    half_a_message_makes_the_one_before_forgotten,
    an_impossible_message_makes_the_one_before_forgotten,
    the_end_of_an_unknown_message,
    what_is_no_frame_is_ignored,
    as_long_as_the_limit,
    over_the_limit,
    of_no_length,
    of_no_frames,
    of_too_many_frames,
    an_impossible_message_ends_half_of_one,
    an_octet_is_changed,
    the_checksum_is_another,
    a_frame_is_cut_short,
    a_frame_is_too_long,
    the_first_frame_holds_more_than_the_message,
    all_is_there_before_the_last_frame,
    the_last_frame_leaves_some_open,
    half_a_message_is_forgotten,
    a_whole_one_is_remembered_by_its_id_alone_after_a_reset,
    many_messages_one_after_the_other,
)
