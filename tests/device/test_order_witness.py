"""Orders made anew by others' code open on both interpreters: PyPI's cwt, and our host."""

import json

import pytest

from host_client.authority import Authority
from host_client.order import Target, seal_order
from host_client.settings import parse_settings
from tests.device import device_vectors
from tests.device.interpreter import MISSING, find_micropython, run_micropython
from tests.device.open_file import open_all
from tests.vectors import make_orders, order_cases, witness
from tests.vectors.sealing import HPKE_3, HPKE_4, Signer

CPYTHON_ONLY = "needs cwt and the host's libraries"

SIGNERS = (order_cases.AUTHORITY, order_cases.P256_AUTHORITY)
DEADLINE_S = 60


def open_on_cpython(data, folder):
    return open_all(data)


def open_on_micropython(data, folder):
    if find_micropython() is None:
        pytest.skip(MISSING)
    path = folder / "orders.json"
    path.write_text(json.dumps(data))
    done = run_micropython(["tests/device/open_file.py", str(path)], DEADLINE_S)
    assert done.returncode == 0, done.stdout.decode()
    return json.loads(done.stdout)


openers = pytest.mark.parametrize("open_orders", [open_on_cpython, open_on_micropython])


def host_settings():
    """Every setting that an order can carry."""
    return parse_settings(
        {
            "networks": [
                {"ssid": "caf\u00e9", "key": "p\u00e4sswort", "hidden": True},
                {"ssid": "hex:00ff", "key": "0" * 64},
                {"ssid": "open"},
            ],
            "server": {
                "url": "https://example.org/x",
                "pin": "ab" * 32,
                "credentials": "c",
                "required": True,
            },
            "device": {"name": "Pump 7", "hostname": "pump-7", "country": "CH", "timezone": "UTC0"},
            "app": "hex:" + "00ff" * 2048,
            "trust": {
                "owner": Authority("owner", order_cases.STRANGER.private).public_key,
                "policy": "label",
            },
        }
    )  # fmt: skip


def made_by_host(signer, suite, **freshness):
    authority = Authority("test", signer.private)
    target = Target("LK-0001", order_cases.DEVICE.public)
    return seal_order(host_settings(), target, authority, suite=suite, **freshness)


@openers
def test_opens_orders_of_cwt(open_orders, tmp_path):
    data = make_orders.witnessed()
    results = open_orders(data, tmp_path)
    assert results == [["ok", case["claims"]] for case in data["orders"]]
    assert len(results) == 4


@openers
def test_opens_orders_of_the_host(open_orders, tmp_path):
    made = [
        (signer, made_by_host(signer, suite, **freshness))
        for signer in SIGNERS
        for suite in (HPKE_3, HPKE_4)
        for freshness in ({"nonce": bytes(16)}, {"sequence": 0}, {"expires_s": 1900000000})
    ]
    orders = [{"order": sealed.data.hex(), "authority": signer.curve} for signer, sealed in made]
    results = open_orders({"keys": make_orders.keys(), "orders": orders}, tmp_path)
    assert [outcome for outcome, _ in results] == ["ok"] * 12
    for (_, sealed), (_, claims) in zip(made, results, strict=True):
        assert sealed.order_id in bytes.fromhex(claims)


@openers
def test_refuses_orders_of_another_authority_or_for_another_board(open_orders, tmp_path):
    device = order_cases.OTHER_DEVICE.public
    payload = order_cases.PAYLOAD
    foreign = [
        witness.make_order(order_cases.STRANGER, order_cases.DEVICE.public, HPKE_4, payload),
        witness.make_order(order_cases.AUTHORITY, device, HPKE_4, payload),
        made_by_host(Signer("someone"), HPKE_4, sequence=1).data,
    ]
    orders = [{"order": octets.hex()} for octets in foreign]
    results = open_orders({"keys": make_orders.keys(), "orders": orders}, tmp_path)
    assert results == [["not authentic", ""]] * 3


@pytest.mark.parametrize(
    ("name", "make"),
    [("orders.json", make_orders.orders), ("orders_malformed.json", make_orders.malformed)],
)
def test_recorded_orders_are_what_the_script_makes(name, make):
    device_vectors.public_path("cbor-malformed/strict_profile_refuse.json")
    recorded = (make_orders.HERE / name).read_text()
    assert recorded == make_orders.text(make())
