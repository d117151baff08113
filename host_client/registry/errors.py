"""The errors of the registry. None quotes a secret, a password of a database included.

RegistryError
├── RegistryUnreachable   no such file or server, or it does not let us in
├── RegistryBusy          somebody else is writing for too long
├── RegistrySchema        its tables are those of another version, or not there
├── RegistryConflict      contradicts what is registered
├── NotRegistered         no such device, order or operator
├── BadRow                a value, or a row of a file, that no registry takes
├── SecretRefused         no proof of an operator's key, or too many secrets asked for
└── TrailBroken           the audit trail was changed
"""

from __future__ import annotations

from host_client.errors import ProvisioningError


class RegistryError(ProvisioningError):
    """The registry of devices cannot do what was asked."""

    kind = "registry"
    exit_code = 13


class RegistryUnreachable(RegistryError):
    """The database cannot be opened or reached."""

    kind = "registry_unreachable"
    remedy = "Check --registry (or LATCHKEY_REGISTRY), and that the server runs and lets you in."


class RegistryBusy(RegistryError):
    """Another process has been writing for longer than we wait."""

    kind = "registry_busy"
    remedy = "Somebody else is writing, a large import perhaps: try again when it is done."


class RegistrySchema(RegistryError):
    """The tables are not those that this version works on."""

    kind = "registry_schema"


class RegistryConflict(RegistryError):
    """What is to be written contradicts what is registered; nothing was written."""

    kind = "registry_conflict"
    remedy = (
        "A device keeps its key and serial number for life. If it was really made anew, "
        "it needs a new device id and serial number."
    )


class NotRegistered(RegistryError):
    """No such device, order or operator is registered."""

    kind = "not_registered"


class BadRow(RegistryError):
    """A value that no registry takes. `rows`: (line, what is wrong) of a file's bad rows."""

    kind = "bad_row"

    def __init__(self, message: str, rows: tuple[tuple[int, str], ...] = ()) -> None:
        super().__init__(message)
        self.rows = rows


class BadFile(BadRow):
    """A file that cannot be read as rows at all."""

    kind = "bad_file"


class SecretRefused(RegistryError):
    """A secret was asked for without proof, or too often. The refusal is in the audit trail."""

    kind = "secret_refused"
    exit_code = 14


class TrailBroken(RegistryError):
    """The audit trail does not fit together: somebody changed the database from below."""

    kind = "trail_broken"
    exit_code = 15
    remedy = "Compare it with a copy; whoever could do this could change every other row as well."
