"""host_client/settings_file.py: settings and secrets from files and the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from host_client.authority import Authority
from host_client.errors import BadSettings
from host_client.settings_file import load_settings
from transports import contract as c

SECRET = "correct horse battery"
KEY = Authority.generate("next").public_key

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


def test_reads_keys_and_addresses_from_a_file(tmp_path: Path) -> None:
    text = """
[[network]]
ssid = "a"
address = "192.168.1.20/24"

[trust]
owner_file = "next.pub"
authority_file = "new.cose"
policy = "label"
"""
    path = written(tmp_path, text, next_pub=KEY.hex().encode() + b"\n", new_cose=KEY)
    claims = load_settings(path).to_claims()
    assert claims[c.CLAIM_TRUST] == {1: KEY, 3: KEY, 4: c.LABEL}
    assert claims[c.CLAIM_NETWORKS] == [{1: b"a", 4: {1: bytes((192, 168, 1, 20)), 2: 24}}]


@pytest.mark.parametrize(
    "text",
    [
        '[trust]\nowner_file = "absent.pub"\n',
        '[trust]\nowner_file = "bad.pub"\n',
        '[trust]\nowner_file = "bad.pub"\nowner = "hex:00"\n',
        "trust = 5\n",
        "[trust]\nowner_file = 5\n",
    ],
)
def test_refuses_a_file_of_bad_keys(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings):
        load_settings(written(tmp_path, text, bad_pub=b"00" * 32))


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
        "x = " + "[" * 5000 + "\n",
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


def test_a_network_in_one_pair_of_brackets_is_told_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"\[\[network\]\]"):
        load_settings(written(tmp_path, '[network]\nssid = "a"\n'), {})
