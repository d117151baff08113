"""transports/framing.py: only whole messages come out, whatever the link does to frames."""

from transports.framing import ABORT, FramingError, Receiver, Sender, is_data


def carry(message, frame_size, drop=lambda n: False, swap=False, limit=8192):
    """Move `message` over a link that loses frame number n where drop(n); return what arrives."""
    sender, receiver = Sender(message, 5, frame_size), Receiver(limit)
    arrived, count = [], 0
    for _ in range(10 * len(message) + 50):
        if sender.done:
            return arrived
        frames = sender.next_frames()
        if swap:
            frames.reverse()
        if not frames:
            sender.on_timeout()
        for frame in frames:
            assert len(frame) <= frame_size
            count += 1
            if drop(count):
                continue
            whole, answer = receiver.feed(frame)
            if whole is not None:
                arrived.append(bytes(whole))
            if answer is not None:
                sender.on_answer(answer)
    raise AssertionError("never done")


def pattern(length):
    return bytes((i * 7 + i // 251) & 255 for i in range(length))


def test_accepts_every_length_at_the_smallest_frame():
    for length in range(1, 130):
        assert carry(pattern(length), 20) == [pattern(length)]


def test_accepts_the_longest_message_at_every_mtu():
    for mtu in (23, 24, 64, 185, 247, 517):
        assert carry(pattern(8192), mtu - 3) == [pattern(8192)]


def test_accepts_once_when_frames_are_lost():
    # Every fourth frame on average, by a multiplicative sequence: a fixed stride could fall
    # into step with the window and lose the same frame for ever, which no radio does.
    for seed in range(1, 20):
        lost = [pow(75, n + seed * 1000, 65537) % 4 == 0 for n in range(1000)]
        assert carry(pattern(700), 20, drop=lambda n: lost[n]) == [pattern(700)]


def test_accepts_once_when_frames_are_swapped():
    assert carry(pattern(300), 20, swap=True) == [pattern(300)]


def test_accepts_once_when_the_last_acknowledgement_is_lost():
    sender, receiver = Sender(b"x" * 40, 1, 20), Receiver(100)
    answers = [receiver.feed(frame) for frame in sender.next_frames()]
    assert [bytes(m) for m, _ in answers if m is not None] == [b"x" * 40]
    sender.on_timeout()
    for frame in sender.next_frames():
        message, answer = receiver.feed(frame)
        assert message is None
        sender.on_answer(answer)
    assert sender.done


def test_refuses_a_message_over_the_limit_before_it_is_sent():
    receiver = Receiver(100)
    message, answer = receiver.feed(Sender(pattern(101), 3, 20).next_frames()[0])
    assert message is None and answer[0] == ABORT | 3 and not receiver.busy


def test_refuses_a_changed_octet():
    sender, receiver = Sender(pattern(60), 3, 20), Receiver(100)
    results = []
    for frame in sender.next_frames():
        changed = bytearray(frame)
        changed[-1] ^= 1
        results.append(receiver.feed(changed))
    assert all(message is None for message, _ in results)
    assert results[-1][1][0] == ABORT | 3 and not receiver.busy


def test_refuses_a_truncated_frame():
    sender, receiver = Sender(pattern(500), 3, 244), Receiver(1000)
    first, second, third = sender.next_frames()
    receiver.feed(first)
    receiver.feed(second[:20])  # what aioble leaves of a write that is too long
    message, answer = receiver.feed(third)
    assert message is None and not receiver.busy and answer[0] & 0xC0 == ABORT


def test_refuses_to_join_two_messages():
    receiver = Receiver(1000)
    ours, theirs = Sender(pattern(50), 1, 20), Sender(b"z" * 50, 2, 20)
    receiver.feed(ours.next_frames()[0])
    for frame in theirs.next_frames()[1:]:
        assert receiver.feed(frame) == (None, None)


def test_a_new_message_replaces_half_of_an_old_one():
    receiver = Receiver(1000)
    receiver.feed(Sender(pattern(50), 1, 20).next_frames()[0])
    out = [receiver.feed(f)[0] for f in Sender(b"z" * 30, 2, 20).next_frames()]
    assert bytes(out[-1]) == b"z" * 30


def test_ignores_what_is_no_frame():
    receiver = Receiver(1000)
    for frame in (b"", b"\x00", b"\x01\x02", b"\x00" * 9, b"\x41\x00\x01\xff"):
        assert receiver.feed(frame) == (None, None)
    assert not is_data(b"\x80\x00\x01") and not is_data(b"") and is_data(b"\x00")


def test_sender_gives_up():
    sender = Sender(b"x", 1, 20)
    sender.next_frames()
    for _ in range(5):
        sender.on_timeout()
    try:
        sender.on_timeout()
    except FramingError:
        return
    raise AssertionError("the sender never gives up")


def test_sender_raises_when_aborted_and_ignores_other_messages():
    sender = Sender(b"x", 1, 20)
    sender.next_frames()
    for answer in (b"\x82\x00\x01", b"\xc2\x01", b"", b"\x81\x00\x05", b"\x81\x00"):
        sender.on_answer(answer)
        assert not sender.done
    try:
        sender.on_answer(b"\xc1\x01")
    except FramingError:
        return
    raise AssertionError("an abort went unheard")
