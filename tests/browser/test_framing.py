"""core/framing.ts does what transports/framing.py does, frame by frame."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.browser import node
from tests.vectors import make_framing
from transports.framing import FramingError, Receiver, Sender

TRANSCRIPTS = json.loads(make_framing.TARGET.read_text(encoding="utf-8"))


def name(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[node.Node]:
    with node.serving("talk_server.ts", tmp_path_factory.mktemp("node")) as server:
        yield server


class PageSender:
    """core/framing.ts, with the face of a Sender."""

    def __init__(self, talk: node.Node, message: bytes, number: int, frame_size: int) -> None:
        self._talk = talk
        self._handle = talk.ask(
            "sender", do="make", message=message.hex(), message_id=number, frame_size=frame_size
        )
        self.done = False
        self.progress: list[int] = []

    def _do(self, what: str, **more: Any) -> list[bytes]:
        try:
            told = self._talk.ask("sender", handle=self._handle, do=what, **more)
        except node.NodeError as error:
            if error.name != "FramingError":
                raise
            raise FramingError(str(error)) from error
        self.done, self.progress = told["done"], told["progress"]
        return [bytes.fromhex(frame) for frame in told["frames"]]

    def next_frames(self) -> list[bytes]:
        return self._do("frames")

    def on_answer(self, frame: bytes) -> None:
        self._do("answer", frame=frame.hex())

    def on_timeout(self) -> None:
        self._do("timeout")


class PageReceiver:
    """core/framing.ts, with the face of a Receiver."""

    def __init__(self, talk: node.Node, limit: int) -> None:
        self._talk = talk
        self._handle = talk.ask("receiver", do="make", limit=limit)
        self.busy = False

    def _do(self, **what: Any) -> tuple[bytes | None, bytes | None]:
        told = self._talk.ask("receiver", handle=self._handle, **what)
        self.busy = told["busy"]
        message, answer = (
            None if told[part] is None else bytes.fromhex(told[part])
            for part in ("message", "answer")
        )
        return message, answer

    def reset(self) -> None:
        self._do(do="reset")

    def feed(self, frame: bytes) -> tuple[bytes | None, bytes | None]:
        return self._do(do="feed", frame=frame.hex())


def test_the_transcripts_are_what_their_maker_writes() -> None:
    assert make_framing.TARGET.read_text(encoding="utf-8") == make_framing.text()


@pytest.mark.parametrize("case", TRANSCRIPTS["senders"], ids=name)
def test_a_sender_follows_its_transcript(talk: node.Node, case: dict[str, Any]) -> None:
    sender = PageSender(talk, bytes.fromhex(case["message"]), case["id"], case["frame_size"])
    for step in case["steps"]:
        if step["do"] == "frames":
            assert [frame.hex() for frame in sender.next_frames()] == step["frames"]
        elif step.get("fails"):
            with pytest.raises(FramingError):
                do_to_sender(sender, step)
            continue
        else:
            do_to_sender(sender, step)
        assert sender.progress == step["progress"]
        assert sender.done == (step["progress"][0] == step["progress"][1])


def do_to_sender(sender: PageSender, step: dict[str, Any]) -> None:
    if step["do"] == "answer":
        sender.on_answer(bytes.fromhex(step["frame"]))
    else:
        sender.on_timeout()


@pytest.mark.parametrize("case", TRANSCRIPTS["receivers"], ids=name)
def test_a_receiver_follows_its_transcript(talk: node.Node, case: dict[str, Any]) -> None:
    receiver = PageReceiver(talk, case["limit"])
    for step in case["steps"]:
        if step["do"] == "reset":
            receiver.reset()
        else:
            message, answer = receiver.feed(bytes.fromhex(step["frame"]))
            assert (message and message.hex()) == step.get("message")
            assert (answer and answer.hex()) == step.get("answer")
        assert receiver.busy == step["busy"]


@pytest.mark.parametrize("case", TRANSCRIPTS["refused"], ids=str)
def test_refuses_what_no_frames_can_carry(talk: node.Node, case: dict[str, int]) -> None:
    with pytest.raises(node.NodeError, match="RangeError"):
        PageSender(talk, bytes(case["length"]), 1, case["frame_size"])


@pytest.mark.parametrize("case", TRANSCRIPTS["data"], ids=str)
def test_tells_data_from_answers(talk: node.Node, case: dict[str, Any]) -> None:
    assert talk.ask("is_data", frame=case["frame"]) is case["is_data"]


class Air:
    """A link that loses, repeats and swaps frames as a list of faults says, then behaves."""

    def __init__(self, faults: list[str]) -> None:
        self._faults = iter(faults)
        self._held: list[bytes] = []

    def carry(self, frame: bytes) -> list[bytes]:
        """What arrives now: this frame, others that were held back, or nothing."""
        fault = next(self._faults, "")
        if fault == "lose":
            return []
        if fault == "hold":
            self._held.append(frame)
            return []
        released, self._held = self._held, []
        return [frame, frame, *released] if fault == "twice" else [frame, *released]

    def late(self) -> list[bytes]:
        """What was held back and arrives now: no link keeps a frame until the next message."""
        released, self._held = self._held, []
        return released


def converse(sender: Any, receiver: Any, there: Air, back: Air) -> list[bytes]:
    """Move one message over; what arrives at the other end. Raises FramingError."""
    arrived: list[bytes] = []
    for _ in itertools.repeat(None, 2000):
        if sender.done:
            return arrived
        answers = []
        for frame in sender.next_frames():
            for come in there.carry(frame):
                message, answer = receiver.feed(come)
                if message is not None:
                    arrived.append(bytes(message))
                if answer is not None:
                    answers += back.carry(bytes(answer))
        for answer in answers:
            sender.on_answer(answer)
        if not answers:
            sender.on_timeout()
    raise AssertionError("never done")


FAULTS = st.lists(st.sampled_from(["", "", "lose", "hold", "twice"]), max_size=30)
MESSAGES = st.lists(st.binary(min_size=1, max_size=600), min_size=1, max_size=3)


@pytest.mark.parametrize("sending", ["the page", "the board"])
@given(messages=MESSAGES, size=st.sampled_from([20, 23, 61, 182, 509]), there=FAULTS, back=FAULTS)
@settings(max_examples=60, deadline=None)
def test_page_and_board_understand_each_other_over_a_bad_link(
    talk: node.Node, sending: str, messages: list[bytes], size: int, there: list[str],
    back: list[str],
) -> None:  # fmt: skip
    by_page = sending == "the page"
    receiver: Any = Receiver(600) if by_page else PageReceiver(talk, 600)
    over, answering = Air(there), Air(back)
    for number, message in enumerate(messages):
        sender: Any = (
            PageSender(talk, message, number, size) if by_page else Sender(message, number, size)
        )
        try:
            arrived = converse(sender, receiver, over, answering)
        except FramingError:
            return  # the link was too bad for it, and would be made anew
        assert arrived == [message]
        assert not any(receiver.feed(frame)[0] for frame in over.late())
        answering.late()
