"""Labels as they are printed: what a scanner and a person read off them."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from host_client.errors import BadLabel, MissingExtra
from host_client.factory import layout
from host_client.factory.errors import FactoryError
from host_client.factory.journal import Begun
from host_client.factory.label_drawing import QUIET_ZONE, Code, png, svg, terminal_rows
from host_client.factory.label_files import LabelFiles
from host_client.factory.report import derived_id
from host_client.fingerprint import fingerprint, short
from host_client.label import Label, new_code

KEY = os.urandom(32)
CODE = new_code()
LABEL = Label.for_board(derived_id(KEY), KEY, CODE)
FACTS = layout.Facts('Heat & "Glow" <2>', "SN-2026-000123", fingerprint(KEY))
LONGEST = Label.for_board("k" * 32, KEY, CODE, host="h" * 100 + ".example:65535")
LONG_FACTS = layout.Facts("M" * 64, "S" * 64, fingerprint(KEY))
SVG = "{http://www.w3.org/2000/svg}"


def scan(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return str(found.text)


@pytest.mark.parametrize(("label", "facts"), [(LABEL, FACTS), (LONGEST, LONG_FACTS)])
def test_a_scanner_reads_the_png(label: Label, facts: layout.Facts) -> None:
    image = Image.open(io.BytesIO(png(label, facts)))
    assert Label.parse(scan(image)) == label
    wide, high = (round(dots / image.info["dpi"][0] * 25.4, 1) for dots in image.size)
    assert (wide, high) == (62.0, 29.0)
    # As a printer of 203 dpi makes it, a little askew, and as a camera sees it.
    small = image.convert("L").resize((496, 232), Image.Resampling.BILINEAR)
    assert scan(small.rotate(7, expand=True, fillcolor=255)) == label.text()


@pytest.mark.parametrize(("label", "facts"), [(LABEL, FACTS), (LONGEST, LONG_FACTS)])
def test_a_scanner_reads_the_svg(label: Label, facts: layout.Facts, tmp_path: Path) -> None:
    """Drawn by librsvg where it is; otherwise by filling the path's rectangles."""
    document = svg(label, facts)
    renderer = shutil.which("rsvg-convert")
    if renderer is None:
        image = filled(document)
    else:
        (tmp_path / "label.svg").write_bytes(document)
        subprocess.run([renderer, "-w", "1200", "-o", tmp_path / "label.png",
                        tmp_path / "label.svg"], check=True, timeout=30)  # fmt: skip
        image = Image.open(tmp_path / "label.png")
    assert scan(image) == label.text()
    assert scan(filled(document)) == label.text()


def filled(document: bytes) -> Image.Image:
    """The QR code of an SVG label, its path's rectangles filled by hand."""
    path = ET.fromstring(document).find(f"{SVG}path")
    assert path is not None
    bars = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path.attrib["d"])
    assert "".join(f"M{x} {y}h{n}v1h-{m}z" for x, y, n, m in bars) == path.attrib["d"]
    size = max(int(y) for _, y, _, _ in bars) + QUIET_ZONE + 1
    image = Image.new("L", (size, size), 255)
    for x, y, length, back in bars:
        assert length == back
        image.paste(0, (int(x), int(y), int(x) + int(length), int(y) + 1))
    return image.resize((size * 6, size * 6), Image.Resampling.NEAREST)


def test_people_read_the_facts_beside_it() -> None:
    texts = [element.text or "" for element in ET.fromstring(svg(LABEL, FACTS)).iter(f"{SVG}text")]
    assert FACTS.model in texts
    assert f"S/N {FACTS.serial}" in texts
    assert f"ID {LABEL.device_id}" in texts
    assert "Wi-Fi + Bluetooth" in texts
    assert short(FACTS.fingerprint) in " ".join(text.removeprefix("Key").strip() for text in texts)
    assert LABEL.typed() in "".join(texts)
    without = svg(Label.for_board(LABEL.device_id, KEY, None, "W"), FACTS).decode()
    assert "Code" not in without and CODE not in without and "Bluetooth" not in without


@pytest.mark.parametrize(("label", "facts"), [(LABEL, FACTS), (LONGEST, LONG_FACTS)])
def test_nothing_leaves_the_label_or_overlaps(label: Label, facts: layout.Facts) -> None:
    lines = layout.lay_out(label, facts)
    for line in lines:
        assert len(line.text) * layout.ADVANCE * line.size_mm <= layout.TEXT_WIDTH_MM + 0.01
        assert line.size_mm >= layout.SMALLEST_MM
        assert line.size_mm < line.y_mm < layout.HEIGHT_MM - 1
    for above, below in zip(lines, lines[1:], strict=False):
        assert above.y_mm < below.y_mm - 0.7 * below.size_mm, (above.text, below.text)
    shown = "".join(line.text for line in lines)
    assert (facts.serial or "") in shown.replace("S/N ", "")
    assert label.device_id in shown


def test_nothing_of_the_png_is_cut_off() -> None:
    """A margin all around stays white, whatever font pillow brings."""
    for label, facts in ((LABEL, FACTS), (LONGEST, LONG_FACTS)):
        image = Image.open(io.BytesIO(png(label, facts))).convert("L")
        ink = Image.eval(image, lambda dot: 255 - dot).getbbox()
        assert ink is not None
        assert min(ink[:2]) > 20 and ink[2] < image.width - 15 and ink[3] < image.height - 15


def test_the_code_has_its_quiet_zone_and_modules_of_a_size_to_be_read() -> None:
    for label in (LABEL, LONGEST):
        code = Code(label.text())
        assert code.module_mm >= layout.SMALLEST_MODULE_MM
        assert code.side == len(code.rows) + 8
        assert all(x >= QUIET_ZONE and x + n <= code.side - QUIET_ZONE for x, _, n in code.bars())
    with pytest.raises(FactoryError, match="too long"):
        Code("x" * 1000)


def test_a_terminal_shows_the_same_code() -> None:
    rows = terminal_rows(LABEL)
    side = len(rows[0])
    assert all(len(row) == side for row in rows) and len(rows) == (side + 1) // 2
    image = Image.new("L", (side, 2 * len(rows)), 255)
    for y, row in enumerate(rows):
        for x, block in enumerate(row):
            for part, dark in ((0, "▀█"), (1, "▄█")):
                if block in dark:
                    image.putpixel((x, 2 * y + part), 0)
    big = image.resize((image.width * 8, image.height * 8), Image.Resampling.NEAREST)
    assert scan(big) == LABEL.text()


@pytest.mark.parametrize("library", ["segno", "PIL"])
def test_a_missing_library_shows_before_anything_is_written(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra) as caught:
        LabelFiles(tmp_path / "labels").rehearse("latchkey.example", "WB", "m", None)
    assert "latchkey[factory]" in caught.value.remedy
    assert not (tmp_path / "labels").exists()


def test_a_host_that_is_none_shows_before_anything_is_written(tmp_path: Path) -> None:
    files = LabelFiles(tmp_path / "labels")
    for host in ("", "Not A Host", "x" * 300):
        with pytest.raises(BadLabel):
            files.rehearse(host, "WB", "m", "s")
    files.rehearse("boards.example:8443", "W", "m", "s")
    assert list((tmp_path / "labels").iterdir()) == []


def test_label_files_are_their_owner_s_only(tmp_path: Path) -> None:
    files = LabelFiles(tmp_path / "labels")
    board = Begun(LABEL.device_id, KEY, "m", "s")
    assert files.there(LABEL.device_id) == ()
    paths = files.put(LABEL, board)
    assert paths == files.there(LABEL.device_id)
    assert [Path(path).suffix for path in paths] == [".svg", ".png"]
    if os.name == "posix":
        assert all(Path(path).stat().st_mode & 0o777 == 0o600 for path in paths)
    with pytest.raises(FactoryError):
        LabelFiles(tmp_path, ("gif",))
