"""Several processes at one registry: nothing twice, nothing lost, no more than the limit."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_client.label import new_code
from host_client.registry import NewDevice, OperatorStore, Registry
from host_client.registry.errors import RegistryUnreachable
from host_client.registry.operator import Operator
from tests.host.command_line import ROOT, environment
from tests.host.conftest import PASSPHRASE
from tests.host.registry.cluster import Cluster
from tests.host.registry.conftest import new_device

PROCESSES, DEVICES, ASKED = 2, 25, 8

# Adds the same devices as the others do, each at its own pace, and asks for secrets.
WORKER = """
import json, os, sys
from host_client.errors import ProvisioningError
from host_client.registry import NewDevice, OperatorStore, Registry
from host_client.registry.errors import SecretRefused

operator = OperatorStore().load("keeper", os.environ["PASSPHRASE"])
devices, asked = json.load(open(sys.argv[2])), int(sys.argv[3])
codes, refused = [], 0
with Registry(sys.argv[1], operator=operator.keys, actor=str(os.getpid())) as registry:
    print("ready", flush=True)
    sys.stdin.readline()
    for device_id, key, code in devices:
        registry.add_device(NewDevice(device_id, bytes.fromhex(key), label_code=code))
    for device_id, _, _ in devices[:asked]:
        try:
            codes.append(registry.label_code(device_id, operator))
        except SecretRefused:
            refused += 1
print(json.dumps({"codes": codes, "refused": refused}))
"""


def start(url: str, file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", WORKER, url, str(file), str(ASKED)], cwd=ROOT,
        env=environment(PASSPHRASE=PASSPHRASE), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_at_once(url: str, home: Path, tmp_path: Path) -> None:
    operator = Operator.generate("keeper")
    OperatorStore().save(operator, PASSPHRASE)
    new = [new_device(number, label_code=new_code()) for number in range(DEVICES)]
    file = tmp_path / "devices.json"
    file.write_text(json.dumps([(d.device_id, d.public_key.hex(), d.label_code) for d in new]))
    workers = [start(url, file) for _ in range(PROCESSES)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n", worker.communicate(timeout=60)
        ends = [worker.communicate("go\n", timeout=60) for worker in _told(workers)]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    found = [json.loads(out) for out, _ in ends]
    assert [worker.returncode for worker in workers] == [0] * PROCESSES, ends
    assert sum(len(one["codes"]) for one in found) == 10
    assert sum(one["refused"] for one in found) == PROCESSES * ASKED - 10
    assert {code for one in found for code in one["codes"]} <= {d.label_code for d in new}
    with Registry(url) as registry:
        assert [d.device_id for d in registry.devices()] == [d.device_id for d in new]
        assert all(device.has_label_code for device in registry.devices())
        actions = [entry.action for entry in registry.audit()]
        assert (actions.count("device added"), actions.count("secret given")) == (DEVICES, 10)
        registry.verify_audit()


KILLED = """
import os, signal, sys
from host_client.registry import NewDevice, Registry

def devices():
    for number in range(5000):
        if number == 2750:
            os.kill(os.getpid(), signal.SIGKILL)
        yield NewDevice(f"kettle-{number}", number.to_bytes(32, "big"))

with Registry(sys.argv[1]) as registry:
    registry.add_devices(devices())
"""


def test_an_import_that_is_killed_adds_nothing(file_url: str) -> None:
    command = [sys.executable, "-c", KILLED, file_url]
    done = subprocess.run(command, cwd=ROOT, env=environment(), timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    with Registry(file_url) as registry:
        assert registry.count() == 0
        assert registry.verify_audit().number == 1
        registry.add_device(new_device())


def test_a_server_that_hangs_up_is_told_and_met_again(cluster: Cluster, server_url: str) -> None:
    def devices() -> Iterator[NewDevice]:
        for number in range(1200):
            if number == 700:
                cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            "WHERE datname = 'registry'")  # fmt: skip
            yield new_device(number)

    with Registry(server_url) as registry:
        with pytest.raises(RegistryUnreachable):
            registry.add_devices(devices())
        assert registry.count() == 0
        registry.add_device(new_device())
        assert registry.verify_audit().number == 2


def _told(workers: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    """All of them, once all have been told to begin: they must meet."""
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return workers
