"""core/owner.ts: key files that the host and openssl load, and theirs in turn."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from host_client.authority import MIN_PASSPHRASE, Authority, AuthorityStore, load_authority
from host_client.errors import AuthorityError
from tests.browser.node import Node, NodeError

PASSPHRASE = "p\u00e4ssphrase \u5bc6"


@pytest.fixture(scope="module")
def secret(core: Node) -> str:
    made: str = core.ask("make_owner")
    return made


@pytest.fixture(scope="module")
def pem(core: Node, secret: str) -> str:
    made: str = core.ask("to_pem", secret=secret, passphrase=PASSPHRASE)
    return made


def test_the_host_loads_the_page_s_key(core: Node, secret: str, pem: str, tmp_path: Path) -> None:
    path = tmp_path / "owner.pem"
    path.write_text(pem)
    owner = load_authority(path, PASSPHRASE)
    assert owner.public_key.hex() == core.ask("cose_key", secret=secret)
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert owner.public_key == Authority("same", private).public_key
    with pytest.raises(AuthorityError, match="wrong passphrase"):
        Authority.from_pem(pem.encode(), PASSPHRASE + "x")


def test_reads_its_own_and_no_secret_is_in_the_file(core: Node, secret: str, pem: str) -> None:
    assert core.ask("from_pem", pem=pem, passphrase=PASSPHRASE) == secret
    assert secret not in bytes(form_of(pem)).hex()
    other = core.ask("to_pem", secret=secret, passphrase=PASSPHRASE)
    assert form_of(other)[40:60] != form_of(pem)[40:60], "a fresh salt each time"


def form_of(pem: str) -> bytes:
    return base64.b64decode("".join(pem.splitlines()[1:-1]))


def test_derives_the_key_with_as_many_iterations_as_it_says(pem: str) -> None:
    assert (600_000).to_bytes(3, "big") in form_of(pem)


def test_reads_the_host_s_key(core: Node, tmp_path: Path) -> None:
    owner = Authority.generate("owner")
    path = AuthorityStore(tmp_path).save(owner, PASSPHRASE)
    secret = core.ask("from_pem", pem=path.read_text(), passphrase=PASSPHRASE)
    assert core.ask("cose_key", secret=secret) == owner.public_key.hex()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_reads_a_key_of_openssl_and_writes_one_for_it(
    core: Node, secret: str, pem: str, tmp_path: Path
) -> None:
    path = tmp_path / "openssl.pem"
    arguments = ["-algorithm", "ed25519", "-aes256", "-pass", "pass:longenough", "-out", str(path)]
    subprocess.run(["openssl", "genpkey", *arguments], check=True, timeout=30, capture_output=True)
    read = core.ask("from_pem", pem=path.read_text(), passphrase="longenough")
    assert (
        core.ask("cose_key", secret=read)
        == load_authority(path, "longenough").public_key.hex()
    )  # fmt: skip
    path.write_text(pem)
    command = ["openssl", "pkey", "-in", str(path), "-passin", f"pass:{PASSPHRASE}", "-outform"]
    done = subprocess.run([*command, "DER"], check=True, timeout=30, capture_output=True)
    assert done.stdout.hex().endswith(secret)


def test_a_key_that_is_not_encrypted_needs_no_passphrase(core: Node) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    text = private.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    ).decode()
    read = core.ask("from_pem", pem="a letter\n" + text + "its end", passphrase="")
    assert read == private.private_bytes_raw().hex()


def reason(core: Node, operation: str, **question: str) -> str:
    with pytest.raises(NodeError) as refused:
        core.ask(operation, **question)
    assert refused.value.name == "BadInput"
    assert PASSPHRASE not in str(refused.value)
    return str(refused.value.reason)


def test_a_wrong_passphrase_is_told_from_a_damaged_file(core: Node, tmp_path: Path) -> None:
    text = Authority.generate("owner").to_pem(PASSPHRASE).decode()
    for attempt in ("", PASSPHRASE + " ", PASSPHRASE[:-1], PASSPHRASE.upper()):
        assert reason(core, "from_pem", pem=text, passphrase=attempt) == "owner-passphrase"
    lines = text.splitlines()
    for damaged in ("", "\n".join(lines[:2]), lines[0], text.replace("M", "!", 1), text[:200]):
        assert reason(core, "from_pem", pem=damaged, passphrase=PASSPHRASE) == "owner-file"
    octets = form_of(text)
    damaged_parts = {
        "another cipher": ("60864801650304012a", "608648016503040116"),
        "another hash": ("2a864886f70d0209", "2a864886f70d0207"),
        "another scheme": ("2a864886f70d01050d", "2a864886f70d010503"),
        "another KDF": ("2a864886f70d01050c", "2b06010401da470411"),
        "no iterations": ("02020800", "02020000"),
    }
    for name, (old, new) in damaged_parts.items():
        assert octets.hex().count(old) == 1
        changed = armored(bytes.fromhex(octets.hex().replace(old, new)))
        assert reason(core, "from_pem", pem=changed, passphrase=PASSPHRASE) == "owner-file", name


def test_so_is_a_wrong_passphrase_that_leaves_a_right_padding(core: Node) -> None:
    """One of 256 does: what it decrypts to is no key."""
    octets = form_of(Authority.generate("owner").to_pem(PASSPHRASE).decode())
    salt, iv, ciphertext = octets[35:51], octets[-82:-66], octets[-64:]
    key = hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), salt, 2048)
    decrypted = Cipher(AES(key), CBC(iv)).decryptor().update(ciphertext)
    assert decrypted.endswith(bytes((16,)) * 16), "these are the parts of the file"
    encrypted = Cipher(AES(key), CBC(iv)).encryptor().update(b"\x55" * 63 + b"\x01")
    text = armored(octets[:-64] + encrypted)
    assert reason(core, "from_pem", pem=text, passphrase=PASSPHRASE) == "owner-passphrase"


def armored(octets: bytes) -> str:
    body = base64.encodebytes(octets).decode()
    return f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{body}-----END ENCRYPTED PRIVATE KEY-----\n"


@pytest.mark.parametrize("cut", range(0, 160, 7))
def test_reads_nothing_of_a_file_cut_anywhere(core: Node, cut: int) -> None:
    octets = form_of(Authority.generate("owner").to_pem(PASSPHRASE).decode())
    found = reason(core, "from_pem", pem=armored(octets[:cut]), passphrase=PASSPHRASE)
    assert found == "owner-file"


def test_asks_for_no_endless_work(core: Node) -> None:
    text = Authority.generate("owner").to_pem(PASSPHRASE).decode()
    for iterations, found in ((65_536, "owner-passphrase"), (10_000_001, "owner-file")):
        longer = bytearray(form_of(text).replace(*map(bytes.fromhex, ("02020800", "0203080000"))))
        for place in (2, 4, 17, 19, 32):  # lengths of what the count is in: it grew by an octet
            longer[place] += 1
        at = bytes(longer).index(bytes.fromhex("0203080000")) + 2
        longer[at : at + 3] = iterations.to_bytes(3, "big")
        changed = armored(bytes(longer))
        assert reason(core, "from_pem", pem=changed, passphrase=PASSPHRASE) == found


def test_keys_of_another_kind_are_named(core: Node) -> None:
    for private in (ec.generate_private_key(ec.SECP256R1()), x25519.X25519PrivateKey.generate()):
        text = private.private_bytes(
            form.Encoding.PEM,
            form.PrivateFormat.PKCS8,
            form.BestAvailableEncryption(PASSPHRASE.encode()),
        ).decode()
        assert reason(core, "from_pem", pem=text, passphrase=PASSPHRASE) == "owner-kind"


def test_a_short_passphrase_guards_no_key(core: Node, secret: str) -> None:
    short = "\U0001f511" * (MIN_PASSPHRASE - 1)  # characters, not units of UTF-16
    found = reason(core, "to_pem", secret=secret, passphrase=short)
    assert found == "owner-passphrase-length"
