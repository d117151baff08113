"""Pictures of printed labels as somebody takes them with a phone: not straight, not quite sharp."""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image, ImageFilter

from host_client.factory import layout
from host_client.factory.label_drawing import png
from host_client.fingerprint import fingerprint
from host_client.label import Label

WIDTH, HEIGHT = 1600, 1200  # pixels of the picture
_TABLE = (146, 112, 84)
_LABEL_WIDTH = 900
_NOISE = 12  # levels of 255


def photograph(
    label: Label, device_key: bytes, path: Path, turn_deg: float = 8, blur: float = 1.6
) -> Path:
    """Write a JPEG of the label, printed and lying on a table; returns its path."""
    facts = layout.Facts("Kettle", None, fingerprint(device_key))
    printed = Image.open(io.BytesIO(png(label, facts))).convert("RGB")
    printed = printed.resize(
        (_LABEL_WIDTH, _LABEL_WIDTH * printed.height // printed.width), Image.Resampling.LANCZOS
    )
    mask = Image.new("L", printed.size, 255).rotate(turn_deg, expand=True)
    turned = printed.rotate(turn_deg, Image.Resampling.BICUBIC, expand=True)
    picture = Image.new("RGB", (WIDTH, HEIGHT), _TABLE)
    picture.paste(turned, ((WIDTH - turned.width) // 2, (HEIGHT - turned.height) // 2), mask)
    noise = Image.frombytes("L", picture.size, random.Random(7).randbytes(WIDTH * HEIGHT))
    grain = noise.point(lambda level: level * _NOISE // 255).convert("RGB")
    picture = Image.blend(picture.filter(ImageFilter.GaussianBlur(blur)), grain, 0.06)
    picture.save(path, "JPEG", quality=72)
    return path
