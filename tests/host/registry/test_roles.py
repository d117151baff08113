"""The PostgreSQL roles that the registry's README.md gives: enough for their work, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest

from host_client.label import new_code
from host_client.registry import Operator, Registry
from host_client.registry.errors import RegistryError
from tests.host.command_line import ROOT
from tests.host.registry.cluster import Cluster
from tests.host.registry.conftest import new_device
from tests.host.registry.test_orders import order_for, receipt_of

README = (ROOT / "host_client/registry/README.md").read_text(encoding="utf-8")
GRANTS = dict(re.findall(r"```sql\n(CREATE ROLE (\w+) .*?)```", README, re.DOTALL)[i][::-1]
              for i in range(2))  # fmt: skip
PASSWORD = "word-of-a-role"

Log_in = Callable[[str], str]


@pytest.fixture
def log_in(cluster: Cluster) -> Iterator[Log_in]:
    """The URL of a registry without devices, for a role of README.md."""
    cluster.run("CREATE DATABASE own TEMPLATE registry")

    def url_of(role: str) -> str:
        cluster.run(
            GRANTS[role].replace("'...'", f"'{PASSWORD.replace(chr(39), chr(39) * 2)}'"), "own"
        )
        return cluster.as_role(role, PASSWORD).url("own")

    try:
        yield url_of
    finally:
        cluster.run("DROP DATABASE own WITH (FORCE)")
        for role in GRANTS:
            cluster.run(f"DROP ROLE IF EXISTS {role}")


def refuses(url: str, *statements: str) -> None:
    for statement in statements:
        refused = pytest.raises(psycopg.Error, match="permission denied|must be owner")
        with psycopg.connect(url) as connection, refused:
            connection.execute(statement)  # type: ignore[arg-type]


TAMPERING = (
    "ALTER TABLE audit DISABLE TRIGGER ALL", "DELETE FROM audit", "TRUNCATE audit",
    "UPDATE audit SET actor = 'nobody'", "DROP TRIGGER audit_in_order ON audit",
    "SELECT sealed FROM label_code",
)  # fmt: skip


def test_the_bootstrap_server(log_in: Log_in, cluster: Cluster, operator: Operator) -> None:
    url, order, bad = log_in("bootstrap"), order_for(), order_for()
    with Registry(cluster.url("own"), operator=operator.keys) as owner:
        owner.add_device(new_device(label_code=new_code()))
        owner.record_order(order, sequence=1)
        owner.record_order(bad, sequence=2)
    with Registry(url, actor="bootstrap") as registry:
        assert registry.pending_order("kettle-0001") == order.data
        registry.record_receipt(receipt_of(order))
        registry.record_receipt(receipt_of(order), order.secret)
        registry.record_receipt(receipt_of(bad, 9), bad.secret)
        assert registry.pending_order("kettle-0001") is None
        registry.verify_audit()
        for forbidden in (
            lambda: registry.add_device(new_device(2)),
            lambda: registry.challenge("kettle-0001", operator.keys),
            lambda: registry.record_order(order_for(secret=False)),
        ):
            with pytest.raises(RegistryError, match="permission denied"):
                forbidden()
    refuses(url, *TAMPERING, "UPDATE provisioning_order SET data = ''", "DELETE FROM device")


def test_the_production_line(log_in: Log_in, cluster: Cluster, operator: Operator) -> None:
    url, code, new = log_in("line"), new_code(), new_device(serial="SN-1")
    with Registry(url, operator=operator.keys, actor="line") as registry:
        registry.add_device(new)
        registry.add_device(new_device(serial="SN-1", public_key=new.public_key, certificate=b"c",
                                       label_code=code))  # fmt: skip
        found = registry.device("SN-1")
        assert found is not None
        assert (found.certificate, found.has_label_code) == (b"c", True)
        registry.note("board made", "SN-1", {})
        with pytest.raises(RegistryError, match="permission denied"):
            registry.challenge("SN-1", operator.keys)
    with Registry(cluster.url("own")) as owner:
        assert owner.label_code("SN-1", operator) == code
    refuses(url, *TAMPERING, "UPDATE device SET public_key = ''", "UPDATE operator SET name = 'x'")
