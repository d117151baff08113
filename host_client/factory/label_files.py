"""The folder of label files. A label's code is a secret until it is stuck on its board."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from host_client.factory import label_drawing
from host_client.factory.errors import FactoryError
from host_client.factory.journal import Begun
from host_client.factory.layout import Facts
from host_client.fingerprint import fingerprint
from host_client.label import Label
from host_client.private_file import latchkey_home, write_whole

Draw = Callable[[Label, Facts], bytes]
FORMATS: dict[str, Draw] = {"svg": label_drawing.svg, "png": label_drawing.png}


class LabelFiles:
    """DEVICE-ID.svg and DEVICE-ID.png, readable for their owner only."""

    def __init__(self, folder: Path | None = None, formats: tuple[str, ...] = ("svg", "png")):
        """Raises FactoryError for an unknown format."""
        unknown = [name for name in formats if name not in FORMATS]
        if unknown:
            raise FactoryError(f"a label is one of {', '.join(FORMATS)}")
        self.folder = folder or latchkey_home() / "factory" / "labels"
        self._formats = formats

    def put(self, label: Label, board: Begun) -> tuple[str, ...]:
        """Draw a board's label: the files' paths. Raises FactoryError, MissingExtra."""
        facts = Facts(board.model, board.serial, fingerprint(board.device_key))
        paths = []
        for name in self._formats:
            path = self._path(label.device_id, name)
            picture = FORMATS[name](label, facts)
            try:
                write_whole(path, picture)
            except OSError as error:
                raise FactoryError(f"cannot write {path}: {error.strerror}") from error
            paths.append(str(path))
        return tuple(paths)

    def there(self, device_id: str) -> tuple[str, ...]:
        """The files that were drawn before."""
        paths = [self._path(device_id, name) for name in self._formats]
        return tuple(str(path) for path in paths if path.exists())

    def _path(self, device_id: str, name: str) -> Path:
        # A label's device id is made of letters, digits, and . _ -: no path can be said with it.
        return self.folder / f"{device_id}.{name}"
