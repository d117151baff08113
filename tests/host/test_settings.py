"""host_client/settings.py and settings_file.py: what no board would take is refused here."""

from __future__ import annotations

from pathlib import Path

import pytest

from host_client.errors import BadSettings
from host_client.settings import Settings, parse_network, parse_settings
from host_client.settings_file import load_settings
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


# --- TOML --------------------------------------------------------------------------------

WHOLE = """
[[network]]
ssid = "Workshop"
password_file = "wifi.txt"

[[network]]
ssid = "hex:00ff"
password_env = "SPARE"
hidden = true

[server]
url = "https://iot.example.net/boards"
credentials_file = "token.txt"
required = true

[device]
hostname = "boiler"

[app]
file = "app.bin"
"""


def written(folder: Path, text: str, **files: bytes) -> Path:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    path = folder / "settings.toml"
    path.write_text(text)
    return path


def test_reads_a_file_and_what_it_points_to(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE, wifi_txt=b"hex:secret\n", token_txt=b"t", app_bin=b"\x00\xff")
    settings = load_settings(path, {"SPARE": "from the env"})
    claims = settings.to_claims()
    # A password file is taken as it is: `hex:` has no meaning there.
    assert claims[c.CLAIM_NETWORKS] == [
        {1: b"Workshop", 2: b"hex:secret"},
        {1: b"\x00\xff", 2: b"from the env", 3: True},
    ]
    assert claims[c.CLAIM_SERVER] == {1: "https://iot.example.net/boards", 3: b"t", 4: True}
    assert claims[c.CLAIM_DEVICE] == {2: "boiler"}
    assert claims[c.CLAIM_APP] == b"\x00\xff"


@pytest.mark.parametrize(
    "text",
    [
        "[[network]\n",
        f'password = "{SECRET}\n',
        f'[[network]]\nssid = "a"\npassword = "{SECRET}"\npassword_env = "X"\n',
        f'[[network]]\nssid = "a"\npassword_env = "{SECRET}"x\n',
        '[[network]]\nssid = "a"\npassword_file = "absent.txt"\n',
        '[[network]]\nssid = "a"\npassword_env = "ABSENT"\n',
        f'["{SECRET}"]\n["{SECRET}"]\n',
        '[app]\nfile = "a"\ndata = "b"\n',
        '[app]\ndata = "hex:0"\n',
        "app = 5\n",
        "network = 5\n",
    ],
)
def test_refuses_a_file_without_repeating_secrets(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings) as refused:
        load_settings(written(tmp_path, text), {})
    assert SECRET not in str(refused.value)


def test_refuses_files_too_long_or_absent(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="longer"):
        load_settings(written(tmp_path, "#" * 70_000))
    with pytest.raises(BadSettings, match="longer"):
        load_settings(written(tmp_path, '[app]\nfile = "app.bin"', app_bin=bytes(4097)))
    with pytest.raises(BadSettings, match="cannot read"):
        load_settings(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b'x = "\xe9"')
    with pytest.raises(BadSettings, match="UTF-8"):
        load_settings(tmp_path / "latin.toml")


def test_settings_are_frozen() -> None:
    settings = parse_settings(network())
    assert isinstance(settings, Settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.app = b"x"  # type: ignore[misc]
