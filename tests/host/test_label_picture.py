"""host_client/label_picture.py: labels photographed, and files that are no such thing."""

from __future__ import annotations

import builtins
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image

from host_client.errors import BadLabel, MissingExtra
from host_client.label import Label, new_code
from host_client.label_picture import read_picture

CODE = new_code()
LABEL = Label.for_board("lk-0123456789abcdef", bytes(range(32)), CODE)


def qr(text: str, scale: int = 6) -> Image.Image:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=scale, border=4)
    drawn.seek(0)
    return Image.open(drawn).convert("L")


@pytest.mark.parametrize("name", ["label.png", "label.jpg", "label.webp", "label.gif"])
def test_reads_the_label_of_a_picture(tmp_path: Path, name: str) -> None:
    qr(LABEL.text()).save(tmp_path / name)
    assert read_picture(tmp_path / name) == LABEL


def test_reads_a_crooked_photograph(tmp_path: Path) -> None:
    table = Image.new("L", (900, 900), 200)
    table.paste(qr(LABEL.text()).rotate(17, expand=True, fillcolor=255), (120, 160))
    table.save(tmp_path / "photo.jpg", quality=70)
    assert read_picture(tmp_path / "photo.jpg") == LABEL


def test_takes_the_label_among_other_codes(tmp_path: Path) -> None:
    table = Image.new("L", (1400, 700), 255)
    table.paste(qr("https://example.org/manual"), (20, 20))
    table.paste(qr(LABEL.text()), (700, 20))
    table.save(tmp_path / "two.png")
    assert read_picture(tmp_path / "two.png") == LABEL


def test_refuses_two_labels(tmp_path: Path) -> None:
    table = Image.new("L", (1400, 700), 255)
    table.paste(qr(Label.for_board("lk-2", bytes(32), CODE).text()), (20, 20))
    table.paste(qr(LABEL.text()), (700, 20))
    table.save(tmp_path / "two.png")
    with pytest.raises(BadLabel, match="2 labels"):
        read_picture(tmp_path / "two.png")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://example.org/", "something else"),
        (LABEL.text() + "x", "transports"),
        ("", "no label"),
    ],
)
def test_refuses_a_picture_of_something_else(tmp_path: Path, text: str, told: str) -> None:
    picture = qr(text) if text else Image.new("L", (300, 300), 255)
    picture.save(tmp_path / "other.png")
    with pytest.raises(BadLabel, match=told) as caught:
        read_picture(tmp_path / "other.png")
    assert CODE not in str(caught.value)


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims these dimensions and brings a few octets."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        png_of(200, 200)[:40],
        png_of(200, 200),
        png_of(9000, 9000),
        png_of(12000, 12000),
        png_of(60000, 60000),
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
    ids=["empty", "text", "cut", "torn", "large", "larger", "bomb", "postscript", "svg"],
)
def test_refuses_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "label.png"
    path.write_bytes(data)
    with pytest.raises(BadLabel):
        read_picture(path)


def test_refuses_a_file_that_is_absent_or_endless(tmp_path: Path) -> None:
    with pytest.raises(BadLabel, match="cannot read"):
        read_picture(tmp_path / "none.png")
    path = tmp_path / "long.png"
    with path.open("wb") as file:
        file.truncate((32 << 20) + 1)
    with pytest.raises(BadLabel, match="32 MiB"):
        read_picture(path)


def test_names_the_extra_where_a_library_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "zxingcpp":
            raise ModuleNotFoundError("No module named 'zxingcpp'", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match="zxingcpp") as caught:
        read_picture(tmp_path / "label.png")
    assert "pip install 'latchkey[label]'" in caught.value.remedy
