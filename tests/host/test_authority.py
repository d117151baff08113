"""host_client/authority.py: provisioning keys, kept under a passphrase and never shown."""

from __future__ import annotations

import copy
import pickle
import stat
import subprocess
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cwt import COSE, COSEKey

from host_client.authority import ALGORITHMS, Authority, AuthorityStore, load_authority
from host_client.errors import AuthorityError, PassphraseNeeded
from host_client.sign1 import sign1
from tests.host.conftest import PASSPHRASE
from transports import contract as c


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_keeps_a_key_and_loads_it_again(home: Path, algorithm: str) -> None:
    made = Authority.generate("factory", algorithm)
    path = AuthorityStore().save(made, PASSPHRASE)
    assert path == home / "authorities" / "factory.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes()
    loaded = AuthorityStore().load("factory", PASSPHRASE)
    assert loaded.public_key == made.public_key == AuthorityStore().public_key("factory")
    assert AuthorityStore().names() == ["factory"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_reads_the_pem(home: Path, algorithm: str) -> None:
    path = AuthorityStore().save(Authority.generate("x", algorithm), PASSPHRASE)
    command = ["openssl", "pkey", "-in", str(path), "-passin", "stdin", "-noout", "-text_pub"]
    try:
        done = subprocess.run(command, input=PASSPHRASE, capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        pytest.skip("no openssl command here")
    assert done.returncode == 0, done.stderr
    assert ("ED25519" if algorithm == "ed25519" else "prime256v1") in done.stdout


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_witness_verifies_signatures_under_the_exported_key(algorithm: str) -> None:
    authority = Authority.generate("x", algorithm)
    key = COSEKey.new(cbor2.loads(authority.public_key))
    signed = sign1(b"\xa0", authority, c.ORDER_CONTEXT)
    assert COSE.new().decode(signed, key, external_aad=c.ORDER_CONTEXT) == b"\xa0"
    assert len(authority.sign(b"x")) == 64


def test_the_pem_names_what_is_wrong_and_not_what_was_typed(home: Path) -> None:
    path = AuthorityStore().save(Authority.generate("factory"), PASSPHRASE)
    with pytest.raises(PassphraseNeeded):
        load_authority(path, None)
    with pytest.raises(AuthorityError) as refused:
        load_authority(path, "wrong " + PASSPHRASE)
    assert PASSPHRASE not in str(refused.value) + repr(refused.value.__cause__)
    with pytest.raises(AuthorityError, match="not there"):
        AuthorityStore().load("absent", PASSPHRASE)
    path.write_bytes(b"garbage")
    with pytest.raises(AuthorityError, match="damaged"):
        load_authority(path, PASSPHRASE)


def test_takes_a_key_without_passphrase_and_refuses_other_kinds(tmp_path: Path) -> None:
    def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    open_key = pem(ec.generate_private_key(ec.SECP256R1()))
    assert Authority.from_pem(open_key, None).algorithm == "p256"
    assert Authority.from_pem(open_key, "not needed").algorithm == "p256"
    for other in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        with pytest.raises(AuthorityError, match="neither"):
            Authority.from_pem(pem(other), None)


def test_refuses_a_taken_name_and_leaves_the_key(home: Path) -> None:
    first = Authority.generate("factory")
    AuthorityStore().save(first, PASSPHRASE)
    with pytest.raises(AuthorityError, match="already"):
        AuthorityStore().save(Authority.generate("factory"), PASSPHRASE)
    assert AuthorityStore().load("factory", PASSPHRASE).public_key == first.public_key
    kept = {path.name for path in (home / "authorities").iterdir()}
    assert kept == {"factory.pem", "factory.pub", ".factory.pem.lock"}, "no draft is left behind"


def test_a_public_half_alone_does_not_take_a_name(home: Path) -> None:
    """What is left where the power went between the two files of a new key."""
    store = AuthorityStore()
    store.save(Authority.generate("factory"), PASSPHRASE)
    (home / "authorities" / "factory.pem").unlink()
    assert store.names() == []
    again = Authority.generate("factory")
    store.save(again, PASSPHRASE)
    assert store.public_key("factory") == again.public_key


def test_a_lost_public_half_is_written_again(home: Path) -> None:
    store = AuthorityStore()
    authority = Authority.generate("factory")
    store.save(authority, PASSPHRASE)
    (home / "authorities" / "factory.pub").unlink()
    with pytest.raises(AuthorityError, match="writes it again"):
        store.public_key("factory")
    assert store.load("factory", PASSPHRASE).public_key == authority.public_key
    assert store.public_key("factory") == authority.public_key


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 65, "a b", "é"])
def test_refuses_an_unfit_name(name: str) -> None:
    with pytest.raises(AuthorityError):
        AuthorityStore().save(Authority.generate(name), PASSPHRASE)


def test_refuses_a_short_passphrase_and_an_unknown_algorithm() -> None:
    with pytest.raises(AuthorityError, match="8 characters"):
        AuthorityStore().save(Authority.generate("x"), "short")
    with pytest.raises(AuthorityError, match="one of"):
        Authority.generate("x", "rsa")


def test_the_private_half_is_not_shown_or_copied_by_accident() -> None:
    authority = Authority.generate("factory")
    assert "PrivateKey" not in repr(authority)
    assert authority.fingerprint in repr(authority)
    for copying in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            copying(authority)
