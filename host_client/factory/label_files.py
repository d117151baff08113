"""The folder of label files. A label's code is a secret until it is stuck on its board."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from host_client.factory import label_drawing
from host_client.factory.errors import FactoryError
from host_client.factory.journal import Begun
from host_client.factory.layout import Facts
from host_client.factory.report import derived_id
from host_client.fingerprint import DEVICE_KEY_LENGTH, fingerprint
from host_client.label import Label, new_code
from host_client.private_file import latchkey_home, make_private_folder, write_whole

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

    def rehearse(self, host: str, transports: str, model: str, serial: str | None) -> None:
        """Draw a label that nobody gets: what is missing shows before a board is written.

        Raises BadLabel for a host that is none, FactoryError, MissingExtra.
        """
        key = bytes(DEVICE_KEY_LENGTH)
        label = Label.for_board(derived_id(key), key, new_code(), transports, host)
        for name in self._formats:
            FORMATS[name](label, Facts(model, serial, fingerprint(key)))
        try:
            make_private_folder(self.folder)
        except OSError as error:
            raise FactoryError(f"cannot make {self.folder}: {error.strerror}") from error

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
