"""A registry that is open: its database, its audit trail, its operator."""

from __future__ import annotations

from types import TracebackType
from typing import TypeVar

from sqlalchemy.engine import Connection

from host_client.registry import retrieval
from host_client.registry.audit import Trail
from host_client.registry.database import BUSY_S, Database
from host_client.registry.errors import NotRegistered, RegistryError
from host_client.registry.operator import OperatorKeys, OperatorStore
from host_client.registry.retrieval import Enrolled

Self = TypeVar("Self", bound="OpenRegistry")


class OpenRegistry:
    """What every part of the registry's interface stands on."""

    def __init__(
        self,
        url: str | None = None,
        *,
        operator: OperatorKeys | None = None,
        actor: str = "",
        create: bool = False,
        busy_s: float = BUSY_S,
    ) -> None:
        """Open by URL (default: $LATCHKEY_REGISTRY, or registry.db in $LATCHKEY_HOME).

        `operator`: whom label codes and receipt secrets are sealed to; by default the one
        whose public keys are kept on this machine, if there is exactly one. `actor`: who is
        at work, for the audit trail. `create`: make the tables, or bring them up to date.
        Raises RegistrySchema if there are none, or other ones.
        """
        self._operator = operator or OperatorStore().only()
        if create:
            from host_client.registry.migrate import upgrade  # Alembic is slow to load

            upgrade(url, actor=actor)
        self._database = Database(url, busy_s=busy_s)
        self._trail = Trail(self._database, actor)
        try:
            self._database.warn_if_open_to_others()
            self._database.check_schema()
        except RegistryError:
            self._database.close()
            raise

    @property
    def name(self) -> str:
        """Which database, for people; without its password."""
        return self._database.name

    @property
    def operator(self) -> OperatorKeys | None:
        """Whom secrets are sealed to."""
        return self._operator

    def close(self) -> None:
        self._database.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _sealed_to(self, connection: Connection) -> Enrolled:
        """The operator that secrets are sealed to, enrolled. Raises NotRegistered."""
        if self._operator is None:
            error = NotRegistered("there is no operator to seal secrets to")
            error.remedy = (
                "Make one with `latchkey registry operator new NAME`, or give --operator NAME "
                "where several are kept here."
            )
            raise error
        self._enrol(connection, self._operator, None)
        known = retrieval.find_operator(connection, self._operator.digest)
        assert known is not None
        return known

    def _enrol(self, connection: Connection, keys: OperatorKeys, hourly_limit: int | None) -> None:
        now_ms = self._database.now_ms(connection)
        if retrieval.enrol(connection, keys, hourly_limit, now_ms):
            limit = retrieval.HOURLY_LIMIT if hourly_limit is None else hourly_limit
            detail = {"name": keys.name, "keys": keys.fingerprint, "hourly_limit": limit}
            self._trail.add(connection, "operator enrolled", "", detail)
