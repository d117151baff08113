"""A label drawn: as SVG to print, as PNG, and as characters for a terminal.

The QR code holds the label's text at error correction M (15 %) or better, as much as its size
takes, and has a quiet zone of four modules.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from host_client.errors import MissingExtra
from host_client.factory import layout
from host_client.factory.errors import FactoryError
from host_client.label import Label

if TYPE_CHECKING:
    from PIL import ImageDraw

QUIET_ZONE = 4  # modules
ERROR_CORRECTION = "m"
PNG_DPI = 600
_MM_PER_INCH = 25.4
_STROKE = 32  # of the size of bold type, which pillow has no font for
_FONTS = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


class Code:
    """The QR code of a label: rows of modules, True for a dark one."""

    def __init__(self, text: str) -> None:
        """Raises MissingExtra without segno, FactoryError for a text that fits no label."""
        try:
            import segno
        except ImportError as error:
            raise MissingExtra("drawing labels needs segno", "factory") from error
        made = segno.make(text, error=ERROR_CORRECTION, micro=False)
        self.rows: tuple[tuple[bool, ...], ...] = tuple(
            tuple(bool(module) for module in row) for row in made.matrix
        )
        if self.module_mm < layout.SMALLEST_MODULE_MM:
            raise FactoryError("the label's text is too long for its QR code to be read")

    @property
    def side(self) -> int:
        """Modules along one side, the quiet zone included."""
        return len(self.rows) + 2 * QUIET_ZONE

    @property
    def module_mm(self) -> float:
        return layout.QR_SIDE_MM / self.side

    def bars(self) -> Iterator[tuple[int, int, int]]:
        """(x, y, length) of the dark stretches of each row, in modules, quiet zone included."""
        for y, row in enumerate(self.rows):
            start = None
            for x, dark in enumerate((*row, False)):
                if dark and start is None:
                    start = x
                elif not dark and start is not None:
                    yield start + QUIET_ZONE, y + QUIET_ZONE, x - start
                    start = None


def svg(label: Label, facts: layout.Facts) -> bytes:
    """The label as SVG, in millimetres, black on white. Raises MissingExtra, FactoryError."""
    code = Code(label.text())
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in code.bars())
    place = f"translate({layout.MARGIN_MM} {layout.MARGIN_MM}) scale({code.module_mm:.5f})"
    texts = "\n".join(_svg_text(line) for line in layout.lay_out(label, facts))
    size = f'width="{layout.WIDTH_MM}mm" height="{layout.HEIGHT_MM}mm"'
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {layout.WIDTH_MM} {layout.HEIGHT_MM}">\n'
        '<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<path transform="{place}" shape-rendering="crispEdges" d="{path}"/>\n'
        f'<g font-family="{_FONTS}" xml:space="preserve">\n{texts}\n</g>\n</svg>\n'
    )
    return document.encode()


def _svg_text(line: layout.Line) -> str:
    weight = ' font-weight="bold"' if line.bold else ""
    place = f'x="{layout.TEXT_X_MM}" y="{line.y_mm}" font-size="{line.size_mm:.2f}"'
    return f"<text {place}{weight}>{escape(line.text)}</text>"


def png(label: Label, facts: layout.Facts) -> bytes:
    """The label as PNG of 600 dots an inch. Raises MissingExtra, FactoryError."""
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise MissingExtra("drawing labels as PNG needs pillow", "factory") from error
    code = Code(label.text())
    image = Image.new("L", (_dots(layout.WIDTH_MM), _dots(layout.HEIGHT_MM)), 255)
    draw = ImageDraw.Draw(image)
    # Whole dots for each module: a scanner sees every edge where it belongs.
    module = _dots(layout.QR_SIDE_MM) // code.side
    left = _dots(layout.MARGIN_MM) + (_dots(layout.QR_SIDE_MM) - module * code.side) // 2
    for x, y, length in code.bars():
        corner = (left + x * module, left + y * module)
        draw.rectangle(
            (*corner, corner[0] + length * module - 1, corner[1] + module - 1), fill=0
        )  # fmt: skip
    for line in layout.lay_out(label, facts):
        _draw_text(draw, line)
    file = io.BytesIO()
    image.convert("1", dither=Image.Dither.NONE).save(
        file, "PNG", dpi=(PNG_DPI, PNG_DPI), optimize=True
    )
    return file.getvalue()


def _draw_text(draw: ImageDraw.ImageDraw, line: layout.Line) -> None:
    from PIL import ImageFont

    size, room = _dots(line.size_mm), _dots(layout.TEXT_WIDTH_MM)
    font: Any = ImageFont.load_default(size)
    # pillow's font is not one of fixed width: what is wider than was counted on gets smaller.
    width = draw.textlength(line.text, font)
    if width > room:
        font = ImageFont.load_default(int(size * room / width))
    draw.text(
        (_dots(layout.TEXT_X_MM), _dots(line.y_mm)), line.text, fill=0, font=font, anchor="ls",
        stroke_width=size // _STROKE if line.bold else 0,
    )  # fmt: skip


def _dots(mm: float) -> int:
    return round(mm / _MM_PER_INCH * PNG_DPI)


def terminal_rows(label: Label) -> list[str]:
    """The QR code in half blocks, two rows of modules a line, to be shown black on white."""
    code = Code(label.text())
    blank = (False,) * code.side
    edge = (False,) * QUIET_ZONE
    rows = [blank] * QUIET_ZONE + [(*edge, *row, *edge) for row in code.rows]
    rows += [blank] * (QUIET_ZONE + code.side % 2)
    blocks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(blocks[pair] for pair in zip(*two, strict=True)) for two in pairs]
