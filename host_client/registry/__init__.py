"""The registry of devices: what a manufacturer keeps of every board made.

Needs the extra `factory`; what is named here is imported when it is first used, and without
the extra raises MissingExtra.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from host_client.errors import MissingExtra

if TYPE_CHECKING:
    from host_client.registry.audit import Entry, Head
    from host_client.registry.devices import Device, NewDevice, SealedFor
    from host_client.registry.ledger import GivenOrder, GotReceipt
    from host_client.registry.migrate import upgrade
    from host_client.registry.operator import Operator, OperatorKeys, OperatorStore
    from host_client.registry.proof import Challenge, SealedCode, prove
    from host_client.registry.registry import Added, Registry
    from host_client.registry.transfer import export_csv, import_csv, line_count

_PLACES = {
    "Added": "registry", "Challenge": "proof", "Device": "devices", "Entry": "audit",
    "GivenOrder": "ledger", "GotReceipt": "ledger", "Head": "audit", "NewDevice": "devices",
    "Operator": "operator", "OperatorKeys": "operator", "OperatorStore": "operator",
    "Registry": "registry", "SealedCode": "proof", "SealedFor": "devices",
    "export_csv": "transfer", "import_csv": "transfer", "line_count": "transfer",
    "prove": "proof", "upgrade": "migrate",
}  # fmt: skip
__all__ = [
    "Added", "Challenge", "Device", "Entry", "GivenOrder", "GotReceipt", "Head", "NewDevice",
    "Operator", "OperatorKeys", "OperatorStore", "Registry", "SealedCode", "SealedFor",
    "export_csv", "import_csv", "line_count", "prove", "upgrade",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module(f"{__name__}.{_PLACES[name]}")
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in ("sqlalchemy", "alembic", "psycopg"):
            raise
        raise MissingExtra(f"the registry of devices needs {library}", "factory") from None
    return getattr(module, name)
