"""Where things are on a printed label: 62 mm by 29 mm, the QR code left, what people read right.

Sizes are in millimetres. The code is a square with its quiet zone of four modules (ISO/IEC
18004 section 5.3.8) inside QR_SIDE_MM.
"""

from __future__ import annotations

from dataclasses import dataclass

from host_client.fingerprint import short
from host_client.label import Label

WIDTH_MM, HEIGHT_MM = 62.0, 29.0
QR_SIDE_MM = 26.0
MARGIN_MM = 1.5
TEXT_X_MM = QR_SIDE_MM + 2 * MARGIN_MM
TEXT_WIDTH_MM = WIDTH_MM - TEXT_X_MM - MARGIN_MM
ADVANCE = 0.602  # of a fixed-width font's characters, in sizes
SMALLEST_MM = 1.3  # below, a printer of 300 dpi smears and people give up
# Phones read modules of a third of a millimetre at a hand's distance, scanners smaller ones.
SMALLEST_MODULE_MM = 0.33
_HALF_CODE = 15  # characters of the typed code in its first line: XXXX-XXXX-XXXX-
_TRANSPORT_NAMES = {"W": "Wi-Fi", "B": "Bluetooth"}


@dataclass(frozen=True)
class Line:
    """A line of text: its baseline's left end, and the size of its type."""

    text: str
    y_mm: float
    size_mm: float
    bold: bool = False


@dataclass(frozen=True)
class Facts:
    """What a label tells people, beside the board's id, key and code."""

    model: str
    serial: str | None
    fingerprint: str  # as host_client.fingerprint makes it


def lay_out(label: Label, facts: Facts) -> tuple[Line, ...]:
    """The lines beside the QR code, top down."""
    key = short(facts.fingerprint)
    names = " + ".join(_TRANSPORT_NAMES[letter] for letter in label.transports)
    lines = [
        _fitted(facts.model, 4.3, 2.9, bold=True),
        *_serial_lines(facts.serial),
        _fitted(f"ID {label.device_id}", 11.4, 2.0),
        Line(f"Key {key[:19]}", 14.0, 2.0),
        Line(f"    {key[20:]}", 16.3, 2.0),
        Line(names, 18.9, 2.0),
    ]
    typed = label.typed()
    if typed:
        lines += [
            Line("Code", 21.4, 1.5),
            Line(typed[:_HALF_CODE], 24.4, 3.2, bold=True),
            Line(typed[_HALF_CODE:], 27.8, 3.2, bold=True),
        ]
    return tuple(lines)


def _serial_lines(serial: str | None) -> list[Line]:
    if serial is None:
        return []
    text = f"S/N {serial}"
    room = int(TEXT_WIDTH_MM / (ADVANCE * SMALLEST_MM))
    if len(text) <= room:
        return [_fitted(text, 8.8, 2.2)]
    return [Line(text[:room], 7.2, SMALLEST_MM), Line(text[room:], 8.9, SMALLEST_MM)]


def _fitted(text: str, y_mm: float, size_mm: float, bold: bool = False) -> Line:
    """A line that stays inside the label: smaller at need, then cut short."""
    fitting = TEXT_WIDTH_MM / (ADVANCE * max(1, len(text)))
    size_mm = max(SMALLEST_MM, min(size_mm, fitting))
    room = int(TEXT_WIDTH_MM / (ADVANCE * size_mm) + 1e-9)
    if len(text) > room:
        text = text[: room - 1] + "…"
    return Line(text, y_mm, size_mm, bold)
