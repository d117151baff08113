"""transports/framing.py answers to the letter as the transcripts that the pages are held to."""

from binascii import hexlify, unhexlify

from tests.device.device_vectors import own_json
from transports.framing import FramingError, Receiver, Sender, is_data


def text(octets):
    return None if octets is None else hexlify(octets).decode()


def told(sender, step):
    """What a sender does at a step: (frames, whether it fails)."""
    try:
        if step["do"] == "frames":
            return [text(frame) for frame in sender.next_frames()], False
        if step["do"] == "answer":
            sender.on_answer(unhexlify(step["frame"]))
        else:
            sender.on_timeout()
    except FramingError:
        return [], True
    return [], False


def test_senders():
    for case in own_json("framing.json")["senders"]:
        sender = Sender(unhexlify(case["message"]), case["id"], case["frame_size"])
        for number, step in enumerate(case["steps"]):
            frames, failed = told(sender, step)
            where = (case["name"], number)
            assert frames == step.get("frames", []), where
            assert failed == step.get("fails", False), where
            assert list(sender.progress) == step["progress"], where
            assert sender.done == (step["progress"][0] == step["progress"][1]), where


def test_receivers():
    for case in own_json("framing.json")["receivers"]:
        receiver = Receiver(case["limit"])
        for number, step in enumerate(case["steps"]):
            message = answer = None
            if step["do"] == "reset":
                receiver.reset()
            else:
                message, answer = receiver.feed(unhexlify(step["frame"]))
            where = (case["name"], number)
            assert text(message) == step.get("message"), where
            assert text(answer) == step.get("answer"), where
            assert receiver.busy == step["busy"], where


def test_refuses_what_no_frames_can_carry():
    for case in own_json("framing.json")["refused"]:
        try:
            Sender(bytes(case["length"]), 1, case["frame_size"])
        except ValueError:
            continue
        raise AssertionError(case)


def test_tells_data_from_answers():
    for case in own_json("framing.json")["data"]:
        assert is_data(unhexlify(case["frame"])) == case["is_data"], case
