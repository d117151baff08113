"""`latchkey owner import`: keys made elsewhere, by a board's page or by openssl."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from host_client.authority import Authority, AuthorityStore
from tests.host.command_line import latchkey
from tests.host.conftest import PASSPHRASE


def pem(private: object, encryption: KeySerializationEncryption | None = None) -> bytes:
    encryption = encryption or BestAvailableEncryption(PASSPHRASE.encode())
    assert isinstance(private, (ed25519.Ed25519PrivateKey, x25519.X25519PrivateKey))
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.fixture
def private() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


@pytest.fixture
def file(private: ed25519.Ed25519PrivateKey, tmp_path: Path) -> Path:
    path = tmp_path / "latchkey-owner.pem"
    path.write_bytes(pem(private))
    return path


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATCHKEY_PASSPHRASE", PASSPHRASE)


def test_keeps_the_file_as_it_is(file: Path, private: ed25519.Ed25519PrivateKey) -> None:
    result = latchkey("owner", "import", "mine", str(file), "--json").result
    expected = Authority("mine", private)
    assert result["public_key"] == expected.public_key.hex()
    assert result["fingerprint"] == expected.fingerprint
    kept = Path(result["file"])
    assert kept.read_bytes() == file.read_bytes() and kept.stat().st_mode & 0o777 == 0o600
    assert AuthorityStore().load("mine", PASSPHRASE).public_key == expected.public_key
    assert AuthorityStore().public_key("mine") == expected.public_key
    assert "mine" in latchkey("authority", "list").out
    assert PASSPHRASE not in str(result)


def test_asks_for_the_passphrase_where_none_was_given(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LATCHKEY_PASSPHRASE")
    done = latchkey("owner", "import", "mine", str(file), "--json")
    assert done.code == 10 and "passphrase" in done.error["message"].lower()
    with_file = file.with_name("passphrase")
    with_file.write_text(PASSPHRASE + "\n")
    arguments = ("owner", "import", "mine", str(file), "--passphrase-file", str(with_file))
    assert latchkey(*arguments).code == 0


def test_a_key_that_is_not_encrypted_is_kept_encrypted(
    private: ed25519.Ed25519PrivateKey, file: Path
) -> None:
    file.write_bytes(pem(private, NoEncryption()))
    result = latchkey("owner", "import", "mine", str(file), "--json").result
    kept = Path(result["file"]).read_bytes()
    assert b"ENCRYPTED" in kept and private.private_bytes_raw() not in kept
    assert AuthorityStore().load("mine", PASSPHRASE).public_key.hex() == result["public_key"]


def test_takes_the_place_of_no_other_key(file: Path) -> None:
    assert latchkey("owner", "new", "mine").code == 0
    before = AuthorityStore().public_key("mine")
    done = latchkey("owner", "import", "mine", str(file), "--json")
    assert done.code == 10 and "already" in done.error["message"]
    assert AuthorityStore().public_key("mine") == before


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff" * 100])
def test_what_is_no_key_is_refused(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    assert latchkey("owner", "import", "mine", str(file), "--json").code == 10
    assert AuthorityStore().names() == []


def test_a_wrong_passphrase_and_a_key_of_another_kind_keep_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATCHKEY_PASSPHRASE", "another one")
    done = latchkey("owner", "import", "mine", str(file), "--json")
    assert done.code == 10 and "wrong passphrase" in done.error["message"]
    monkeypatch.setenv("LATCHKEY_PASSPHRASE", PASSPHRASE)
    file.write_bytes(pem(x25519.X25519PrivateKey.generate()))
    assert latchkey("owner", "import", "mine", str(file), "--json").code == 10
    assert latchkey("owner", "import", "../mine", str(file), "--json").code == 10
    assert latchkey("owner", "import", "mine", str(file) + "x", "--json").code == 10
    assert AuthorityStore().names() == []
