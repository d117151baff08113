"""Receipt secrets of orders on their way, so that an interrupted command loses no proof."""

from __future__ import annotations

from pathlib import Path

from host_client.bundle import read_secrets, write_secrets
from host_client.private_file import latchkey_home
from host_client.receipt import ReceiptSecret


class PendingSecrets:
    """One file (0600) an order, named by its id; dropped once the receipt has been checked."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or latchkey_home() / "pending"

    def keep(self, secret: ReceiptSecret) -> None:
        """Raises BadOrder if it cannot be written."""
        write_secrets(self._path(secret.order_id), [secret])

    def find(self, order_id: bytes) -> ReceiptSecret | None:
        """The secret of an order, if it is here. Raises BadOrder for a damaged file."""
        path = self._path(order_id)
        return read_secrets(path).get(order_id) if path.exists() else None

    def drop(self, order_id: bytes) -> None:
        self._path(order_id).unlink(missing_ok=True)

    def _path(self, order_id: bytes) -> Path:
        return self.folder / f"{order_id.hex()}.cbor"
