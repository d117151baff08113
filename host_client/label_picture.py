"""Labels in pictures: the QR code on a photograph or a scan (extra `label`: Pillow, zxing-cpp).

A picture is a foreign file. Its octets and pixels are bounded before it is decoded, and only
common formats are tried.
"""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from host_client.errors import BadLabel, MissingExtra
from host_client.label import Label

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_OCTETS = 32 << 20
MAX_PIXELS = 64_000_000  # a photograph of a good telephone has 50 million
_LABEL = re.compile(r"(?:^|#)LK[0-9]+:")  # other codes beside it do not matter
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


def read_picture(path: Path) -> Label:
    """The one label in a picture.

    Raises BadLabel: no picture, too large, no label in it, or several. Raises MissingExtra.
    """
    pillow, zxingcpp = _libraries()
    try:
        with path.open("rb") as file:
            data = file.read(MAX_OCTETS + 1)
    except OSError as error:
        raise BadLabel(f"cannot read {path}: {error.strerror}") from error
    if len(data) > MAX_OCTETS:
        raise BadLabel(f"{path} has more than {MAX_OCTETS >> 20} MiB")
    picture = _decode(data, path, pillow)
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    texts = {code.text for code in found if _LABEL.search(code.text)}
    if not texts:
        other = "; its QR codes are of something else" if found else ""
        raise BadLabel(f"there is no label to be read in {path}{other}")
    if len(texts) > 1:
        raise BadLabel(f"there are {len(texts)} labels in {path}: cut out the one that is meant")
    return Label.parse(texts.pop())


def _decode(data: bytes, path: Path, pillow: ModuleType) -> Image:
    """The picture in shades of grey. Pillow raises what it likes on a damaged one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of a picture twice its limit
            with pillow.open(io.BytesIO(data), formats=_FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise BadLabel(f"{path} has more than {MAX_PIXELS // 1_000_000} million pixels")
                grey: Image = picture.convert("L")
    except (pillow.DecompressionBombError, pillow.DecompressionBombWarning):
        raise BadLabel(f"{path} has too many pixels") from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Warning) as error:
        kind = type(error).__name__
        raise BadLabel(f"{path} is not a picture that can be read ({kind})") from None
    return grey


def _libraries() -> tuple[ModuleType, ModuleType]:
    try:
        import zxingcpp
        from PIL import Image
    except ImportError as error:
        raise MissingExtra(f"to read a label's picture {error.name} is needed", "label") from None
    return Image, zxingcpp
