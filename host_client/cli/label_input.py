"""A label, or its code, from a picture, a file, standard input, or the terminal without echo.

A code given as an argument can be read by every user of the machine (`ps`) and stays in the
shell's history, so there is a warning.
"""

from __future__ import annotations

import sys
from pathlib import Path

from host_client.cli.output import Output
from host_client.cli.secret_input import ask
from host_client.errors import BadLabel
from host_client.label import MAX_TEXT, Label, looks_like_a_label, read_label
from host_client.label_picture import read_picture

_ASK = "ask"
_MAX_LABELS = 16 << 20  # octets of a file of labels


def read_given_label(output: Output, given: str) -> tuple[Label | None, str | None]:
    """What `--label` names: (Label, its code or None), or (None, code). Raises BadLabel.

    `-` is standard input, `ask` asks, else a file (picture or text), else the text itself.
    """
    if given == "-":
        return read_label(sys.stdin.readline(MAX_TEXT + 2).strip())
    if given == _ASK:
        return read_label(ask("The label's code, or all its text", "give --label FILE", BadLabel))
    path = Path(given)
    if not looks_like_a_label(given) and path.is_file():
        return _from_file(path)
    try:
        found = read_label(given)
    except BadLabel as error:
        if looks_like_a_label(given):
            raise
        raise BadLabel(f"--label names no file, and is no label either: {error}") from None
    output.note(
        "A label given as an argument can be read by other users of this computer (ps) and stays "
        "in the shell's history: prefer --label FILE, --label - or --label ask."
    )
    return found


def read_labels(path: Path) -> dict[str, Label]:
    """A file of label texts, one a line, by device id. Raises BadLabel."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_LABELS + 1)
        lines = data.decode("ascii").splitlines()
    except OSError as error:
        raise BadLabel(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadLabel(f"{path} is not a file of labels' texts") from None
    if len(data) > _MAX_LABELS:
        raise BadLabel(f"{path} is longer than {_MAX_LABELS} octets")
    labels = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            label = Label.parse(line.strip())
        except BadLabel as error:
            raise BadLabel(f"{path}, line {number}: {error}") from None
        labels[label.device_id] = label
    return labels


def _from_file(path: Path) -> tuple[Label | None, str | None]:
    """A text file holds a line of plain characters; anything else is a picture."""
    try:
        with path.open("rb") as file:
            start = file.read(MAX_TEXT + 2)
    except OSError as error:
        raise BadLabel(f"cannot read {path}: {error.strerror}") from error
    text = start.strip().decode("ascii", "replace")
    if len(start) <= MAX_TEXT + 1 and text.isascii() and text.isprintable():
        return read_label(text)
    label = read_picture(path)
    return label, label.code
