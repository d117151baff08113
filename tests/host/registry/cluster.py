"""A PostgreSQL server of the tests' own: a cluster in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

_DEADLINE_S = 60
# Nothing of a test must outlive it: no waiting for the disk.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
         "max_connections": "40", "autovacuum": "off"}  # fmt: skip


class NoServer(Exception):
    """PostgreSQL's programs are not here; the text says which."""


@dataclass(frozen=True)
class Cluster:
    """A server on loopback. `url`: of a database on it, as its owner."""

    port: int
    user: str
    password: str

    def url(self, database: str) -> str:
        password = quote(self.password, safe="")
        return f"postgresql://{self.user}:{password}@127.0.0.1:{self.port}/{database}"

    def as_role(self, user: str, password: str) -> Cluster:
        """The same server, for somebody else than its owner."""
        return Cluster(self.port, user, password)

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run a statement, or several, as the owner."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


def run_cluster(settings: dict[str, str] = HASTY) -> Generator[Cluster, None, None]:
    """A running cluster; stopped and deleted when the generator is closed. Raises NoServer."""
    programs = _programs()
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    # Below a folder of root alone, the user that serves could not reach it.
    folder = Path(tempfile.mkdtemp(prefix="latchkey-pg-", dir="/tmp" if user else None))
    try:
        if user is not None:
            owner = pwd.getpwnam(user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        cluster = Cluster(_free_port(), "latchkey", secrets.token_hex(8))
        _make(programs, folder, user, cluster, settings)
        try:
            yield cluster
        finally:
            _run(user, [programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(
    programs: Path, folder: Path, user: str | None, cluster: Cluster, settings: dict[str, str]
) -> None:
    password = folder / "password"
    password.write_text(cluster.password)
    password.chmod(0o644)
    data = folder / "data"
    _run(user, [programs / "initdb", "-D", data, "-U", cluster.user, "--auth=scram-sha-256",
                f"--pwfile={password}", "--no-sync", "--encoding=UTF8", "--locale=C",
                "--no-instructions"])  # fmt: skip
    settings = {**settings, "port": str(cluster.port), "listen_addresses": "127.0.0.1",
                "unix_socket_directories": str(folder)}  # fmt: skip
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    _run(user, [programs / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options,
                "-w", "-t", str(_DEADLINE_S), "start"])  # fmt: skip


def _programs() -> Path:
    """The folder of initdb and pg_ctl, the newest one. Raises NoServer."""
    found = shutil.which("pg_ctl")
    if found is not None and Path(found).with_name("initdb").exists():
        return Path(found).parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: int(p.parts[-3])
    )
    if not versions:
        raise NoServer("no PostgreSQL server here (Debian, Ubuntu: apt-get install postgresql)")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            raise NoServer("root cannot run a server, and there is no user postgres") from None
    return versions[-1].parent


def _run(user: str | None, command: list[Path | str]) -> None:
    done = subprocess.run(
        [str(part) for part in command], user=user, group=user, extra_groups=[] if user else None,
        cwd="/", timeout=_DEADLINE_S, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0, f"{command[0]}: {done.stdout}"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
