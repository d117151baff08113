"""Writes framing.json: transcripts of senders and receivers of frames (transports/framing.py).

``python -m tests.vectors.make_framing`` writes the same octets every time. What is done to each
sender and receiver is in framing_senders.py and framing_receivers.py, with how it must end; what
they answer is recorded from transports/framing.py, and others must answer the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.vectors import framing_senders as cases
from tests.vectors.framing_receivers import LIMIT, RECEIVERS
from transports.framing import FramingError, Receiver, Sender, is_data

TARGET = Path(__file__).with_name("framing.json")
Record = dict[str, Any]


class SenderScript:
    """Drives a sender and records it; what it is told is in the words of framing_senders.py."""

    def __init__(self, message: bytes, message_id: int, frame_size: int) -> None:
        self._sender = Sender(message, message_id, frame_size)
        self.given = {"message": message.hex(), "id": message_id, "frame_size": frame_size}
        self.steps: list[Record] = []

    @property
    def ending(self) -> str:
        if any("fails" in step for step in self.steps):
            return "fails"
        return "done" if self._sender.done else "under way"

    def frames(self) -> list[bytes]:
        frames = [bytes(frame) for frame in self._sender.next_frames()]
        self._record({"do": "frames", "frames": [frame.hex() for frame in frames]})
        return frames

    def answer(self, frame: bytes) -> None:
        self._try({"do": "answer", "frame": frame.hex()}, lambda: self._sender.on_answer(frame))

    def timeout(self) -> None:
        self._try({"do": "timeout"}, self._sender.on_timeout)

    def _try(self, step: Record, work: Callable[[], None]) -> None:
        try:
            work()
        except FramingError:
            step["fails"] = True
        self._record(step)

    def _record(self, step: Record) -> None:
        self.steps.append({**step, "progress": list(self._sender.progress)})


class ReceiverScript:
    """Drives a receiver and records it."""

    def __init__(self, limit: int) -> None:
        self._receiver = Receiver(limit)
        self.given = {"limit": limit}
        self.steps: list[Record] = []

    @property
    def ending(self) -> str:
        """How many messages came out, and whether half a one is left."""
        whole = sum("message" in step for step in self.steps)
        return f"{whole} whole" + (", half of one" if self._receiver.busy else "")

    def feed(self, *frames: bytes) -> None:
        for frame in frames:
            message, answer = self._receiver.feed(frame)
            step: Record = {"do": "feed", "frame": frame.hex()}
            if message is not None:
                step["message"] = bytes(message).hex()
            if answer is not None:
                step["answer"] = bytes(answer).hex()
            self.steps.append({**step, "busy": self._receiver.busy})

    def reset(self) -> None:
        self._receiver.reset()
        self.steps.append({"do": "reset", "busy": False})


def recorded(case: Callable[..., None], script: SenderScript | ReceiverScript) -> Record:
    """The transcript of one case, whose docstring says how it must end."""
    case(script)
    name = case.__name__.replace("_", " ")
    assert script.ending == case.__doc__, f"{name}: {script.ending}"
    return {"name": name, **script.given, "steps": script.steps}


def sizes() -> tuple[list[Record], list[Record]]:
    """One message through frames of each size: the sender's side, and the receiver's."""
    senders, receivers = [], []
    for length, frame_size in cases.SIZES:
        message = cases.pattern(length)
        script, end = SenderScript(message, 9, frame_size), ReceiverScript(length)
        while script.ending != "done":
            for frame in script.frames():
                assert len(frame) <= frame_size
                end.feed(frame)
                if "answer" in end.steps[-1]:
                    script.answer(bytes.fromhex(end.steps[-1]["answer"]))
        assert end.steps[-1]["message"] == message.hex()
        name = f"{length} octets in frames of {frame_size}"
        senders.append({"name": name, **script.given, "steps": script.steps})
        receivers.append({"name": name, **end.given, "steps": end.steps})
    return senders, receivers


def made() -> dict[str, list[Record]]:
    """All of the file."""
    senders, receivers = sizes()
    return {
        "senders": senders
        + [recorded(case, SenderScript(*given)) for case, given in cases.SENDERS],
        "receivers": receivers + [recorded(case, ReceiverScript(LIMIT)) for case in RECEIVERS],
        "refused": [{"length": length, "frame_size": size} for length, size in cases.NO_MESSAGES],
        "data": [{"frame": frame.hex(), "is_data": is_data(frame)} for frame in cases.FRAMES],
    }


def text() -> str:
    return json.dumps(made(), indent=0) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
