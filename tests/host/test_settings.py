"""host_client/settings.py and its parts: what no board would take is refused here."""

from __future__ import annotations

import pytest

from host_client.authority import Authority
from host_client.errors import BadSettings
from host_client.settings import Settings, parse_network, parse_settings
from transports import contract as c

SECRET = "correct horse battery"


def network(**changes: object) -> dict[str, object]:
    return {"network": [{"ssid": "home", "password": SECRET, **changes}]}


@pytest.mark.parametrize(
    ("ssid", "octets"),
    [
        ("home", b"home"),
        ("Café ☕", "Café ☕".encode()),
        ("hex:00ff", b"\x00\xff"),
        ("text:hex:00", b"hex:00"),
        ("x" * 32, b"x" * 32),
        (b"\xff" * 32, b"\xff" * 32),
    ],
)
def test_accepts_any_octets_as_an_ssid(ssid: object, octets: bytes) -> None:
    assert parse_network(ssid).ssid == octets


@pytest.mark.parametrize("ssid", ["", "x" * 33, "é" * 17, "hex:0", "hex:zz", 7, None])
def test_refuses_an_ssid(ssid: object) -> None:
    with pytest.raises(BadSettings, match="ssid"):
        parse_network(ssid)


@pytest.mark.parametrize("key", ["12345678", "x" * 63, "0aF" * 21 + "1", "é" * 4])
def test_accepts_a_key_by_its_octets(key: str) -> None:
    accepted = parse_network("home", key).key
    assert accepted is not None
    assert accepted.get_secret_value() == key.encode()


UNFIT_KEYS = (
    ["1234567", "x" * 64, "g" * 64, "x" * 65, "é" * 32]
    + ["tab\tinside", "a\x7f" * 8, "hex:" + "01" * 8, "", b"1234567", 12345678]
)  # fmt: skip


@pytest.mark.parametrize("key", UNFIT_KEYS)
def test_refuses_a_key_without_repeating_it(key: str | bytes | int) -> None:
    with pytest.raises(BadSettings) as refused:
        parse_network("home", key)
    assert "key" in str(refused.value)
    assert not key or str(key) not in str(refused.value)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"network": []},
        {"network": [{"ssid": "a"}] * 6},
        {"network": [{"ssid": "a", "passwort": "x"}]},
        {"networks": "home"},
        {"unknown": 1},
        {"server": {"url": "example.org"}},
        {"server": {"url": "gopher://example.org"}},
        {"server": {"url": "https://"}},
        {"server": {"url": "https://u:p@example.org"}},
        {"server": {"url": "https://example.org:0"}},
        {"server": {"url": "https://example.org:99999"}},
        {"server": {"url": "https://exam ple.org"}},
        {"server": {"url": "https://" + "h" * 249}},
        {"server": {"url": "https://x", "pin": "00" * 31}},
        {"server": {"url": "https://x", "pin": "zz" * 32}},
        {"server": {"url": "https://x", "credentials": "c" * 513}},
        {"device": {"name": "n" * 65}},
        {"device": {"hostname": "-x"}},
        {"device": {"hostname": "under_score"}},
        {"device": {"hostname": "h" * 33}},
        {"device": {"country": "de"}},
        {"device": {"country": "DEU"}},
        {"device": {"timezone": "has space"}},
        {"device": {}},
        {"app": "a" * (c.MAX_APP_DATA + 1)},
    ],
    ids=str,
)
def test_refuses_settings(values: dict[str, object]) -> None:
    with pytest.raises(BadSettings):
        parse_settings(values)


def test_no_repr_and_no_error_shows_a_secret() -> None:
    values = network() | {"server": {"url": "https://x", "credentials": SECRET}, "app": SECRET}
    settings = parse_settings(values)
    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json(exclude={"app"})
    for wrong in (network(hidden="perhaps"), {"network": SECRET}, {"server": SECRET}, network(x=1)):
        with pytest.raises(BadSettings) as refused:
            parse_settings(wrong)
        error: BaseException | None = refused.value
        while error is not None:
            assert SECRET not in repr(error) + str(error)
            error = None if error.__suppress_context__ else error.__cause__ or error.__context__


def test_pydantic_itself_repeats_no_input() -> None:
    with pytest.raises(ValueError, match="network") as refused:
        Settings.model_validate({"network": [{"ssid": "a", "key": SECRET * 9}], "server": SECRET})
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "claim"),
    [
        ({"address": "192.168.1.20/24"}, {1: bytes((192, 168, 1, 20)), 2: 24}),
        (
            {"address": "10.9.8.7/8", "gateway": "10.0.0.1", "dns": "9.9.9.9"},
            {1: bytes((10, 9, 8, 7)), 2: 8, 3: bytes((10, 0, 0, 1)), 4: bytes((9, 9, 9, 9))},
        ),
        ({"address": "10.0.0.1/30", "dns": "1.1.1.1"}, {1: b"\x0a\0\0\x01", 2: 30, 4: b"\1\1\1\1"}),
    ],
)
def test_accepts_a_static_address(given: dict[str, str], claim: dict[int, object]) -> None:
    claims = parse_settings(network(**given)).to_claims()
    assert claims[c.CLAIM_NETWORKS][0][4] == claim


@pytest.mark.parametrize(
    "given",
    [
        {"address": "192.168.1.20"},
        {"address": "192.168.1.20/0"},
        {"address": "192.168.1.20/31"},
        {"address": "192.168.1.20/255.255.255.0"},
        {"address": "192.168.1.0/24"},
        {"address": "192.168.1.255/24"},
        {"address": "192.168.1.256/24"},
        {"address": "127.0.0.1/8"},
        {"address": "224.0.0.5/8"},
        {"address": "0.0.0.0/8"},
        {"address": "fe80::1/64"},
        {"address": "192.168.1.20/24", "gateway": "192.168.2.1"},
        {"address": "192.168.1.20/24", "gateway": "192.168.1.20"},
        {"address": "192.168.1.20/24", "dns": "dns.example"},
        {"address": 5},
        {"gateway": "192.168.1.1"},
        {"dns": "192.168.1.1"},
    ],
    ids=str,
)
def test_refuses_a_static_address(given: dict[str, object]) -> None:
    with pytest.raises(BadSettings):
        parse_settings(network(**given))


KEY = Authority.generate("next").public_key


@pytest.mark.parametrize(
    ("given", "claim"),
    [
        ({"owner": KEY}, {1: KEY}),
        ({"owner": "hex:" + KEY.hex()}, {1: KEY}),
        ({"authority": KEY}, {3: KEY}),
        ({"policy": "signed"}, {4: 0}),
        ({"policy": 1}, {4: 1}),
        ({"release": True}, {2: True}),
    ],
)
def test_accepts_a_change_of_trust(given: dict[str, object], claim: dict[int, object]) -> None:
    assert parse_settings({"trust": given}).to_claims() == {c.CLAIM_TRUST: claim}


@pytest.mark.parametrize(
    "values",
    [
        {"trust": {}},
        {"trust": {"owner": bytes(32)}},
        {"trust": {"authority": KEY + b"\0"}},
        {"trust": {"policy": "loose"}},
        {"trust": {"policy": True}},
        {"trust": {"policy": 4}},
        {"trust": {"policy": 1.0}},
        {"trust": {"release": True, "owner": KEY}},
        {"trust": {"release": True}, "app": "x"},
        {"trust": {"release": True, "policy": 0}},
    ],
)
def test_refuses_a_change_of_trust(values: dict[str, object]) -> None:
    with pytest.raises(BadSettings):
        parse_settings(values)


def test_settings_are_frozen() -> None:
    settings = parse_settings(network())
    assert isinstance(settings, Settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.app = b"x"  # type: ignore[misc]
