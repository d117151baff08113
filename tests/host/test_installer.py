"""Installers' certificates: what they allow, and what is refused before anything is made."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cwt import COSE, COSEKey

from firmware.crypto import pacing, signature
from firmware.envelope import cbor as board_cbor
from firmware.envelope.installer import verify_installer
from host_client import cbor
from host_client.authority import ALGORITHMS, Authority, AuthorityStore
from host_client.errors import AuthorityError, BadCertificate, NotPermitted
from host_client.installer import certify_installer, read_installer_certificate
from host_client.order import Target, seal_order
from host_client.settings import parse_settings
from host_client.sign1 import sign1
from tests.host.conftest import PASSPHRASE
from transports import contract as c

TARGET = Target("kettle-1", bytes([9]) + bytes(31))
NETWORK = parse_settings({"network": [{"ssid": "home", "password": "correct horse"}]})
YEAR_MS = 365 * 86400 * 1000


def certified(authority: Authority, key: Authority, **limits: Any) -> Authority:
    """The key with a certificate, good for a year unless `limits` say otherwise."""
    now_ms = int(time.time() * 1000)
    span = {"first_sequence": now_ms - 1000, "last_sequence": now_ms + YEAR_MS}
    data = certify_installer(authority, "Ann", key.public_key, **{**span, **limits})
    return replace(key, certificate=data)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_board_and_witness_read_what_was_certified(algorithm: str) -> None:
    authority, key = Authority.generate("a", algorithm), Authority.generate("i", algorithm)
    data = certify_installer(
        authority, "Ann of the north", key.public_key, "north", ("server", "networks"),
        first_sequence=5, last_sequence=7, expires=99,
    )  # fmt: skip
    witness = COSEKey.new(cbor2.loads(authority.public_key))
    claims = cbor2.loads(COSE.new().decode(data, witness, external_aad=b"latchkey/1 installer"))
    assert claims == {
        2: "Ann of the north", 4: 99, 8: {1: cbor2.loads(key.public_key)},
        -65545: {1: "north", 2: [-65539, -65540], 3: 5, 4: 7},
    }  # fmt: skip
    anchor = signature.load_key(board_cbor.decode(authority.public_key))
    theirs = pacing.run(verify_installer(data, anchor))
    ours = read_installer_certificate(data, authority.public_key)
    assert (theirs.name, theirs.group, theirs.first, theirs.last, theirs.expires) == (
        ours.subject, ours.group, ours.first_sequence, ours.last_sequence, ours.expires,
    )  # fmt: skip
    assert ours.kinds == ("networks", "server")


def test_an_order_carries_the_certificate_under_the_signature(
    authority: Authority, stranger: Authority
) -> None:
    installer = certified(authority, stranger)
    order = seal_order(NETWORK, TARGET, installer)
    assert order.description == "signed by installer stranger"


@pytest.mark.parametrize(
    ("limits", "settings", "told"),
    [
        ({"kinds": ("networks",)}, {"server": {"url": "https://x.example"}}, "sets server"),
        ({"kinds": ("server",)}, {}, "sets networks"),
        ({}, {"trust": {"policy": "signed"}}, "never changes whom"),
        ({"first_sequence": 0, "last_sequence": 10**12}, {}, "outside"),  # 2001
        ({"first_sequence": 4 * 10**12, "last_sequence": 5 * 10**12}, {}, "outside"),  # 2096
        ({"expires": 10**9}, {}, "expired"),
    ],
)
def test_refuses_to_make_an_order_beyond_the_limits(
    authority: Authority, stranger: Authority, limits: Any, settings: Any, told: str
) -> None:
    values = {"network": [{"ssid": "home", "password": "correct horse"}], **settings}
    with pytest.raises(NotPermitted, match=told):
        seal_order(parse_settings(values), TARGET, certified(authority, stranger, **limits))


def test_refuses_a_certificate_about_another_key(authority: Authority) -> None:
    one, two = Authority.generate("one"), Authority.generate("two")
    mixed = replace(two, certificate=certified(authority, one).certificate)
    with pytest.raises(BadCertificate, match="not about this key"):
        seal_order(NETWORK, TARGET, mixed)


def test_refuses_a_changed_bit_and_another_authority(
    authority: Authority, stranger: Authority
) -> None:
    data = certified(authority, stranger).certificate
    assert data is not None
    with pytest.raises(BadCertificate):
        read_installer_certificate(data, stranger.public_key)
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadCertificate):
            read_installer_certificate(bytes(changed), authority.public_key)


def claims(**changes: Any) -> dict[int, Any]:
    key = cbor2.loads(Authority.generate("k").public_key)
    limits = {2: [-65539], 3: 0, 4: 9} | changes.pop("limits", {})
    limits = {name: value for name, value in limits.items() if value is not None}
    fields = {2: "Ann", 8: {1: key}, -65545: limits}
    return fields | {int(name[1:]): value for name, value in changes.items()}


@pytest.mark.parametrize(
    "change",
    [
        {"_2": ""},
        {"_2": "x" * 65},
        {"_2": b"Ann"},
        {"_4": -1},
        {"_4": True},
        {"_8": {1: {1: 1, -1: 4, -2: bytes(32)}}},
        {"_8": {}},
        {"_8": {1: {}, 2: b""}},
        {"_9": 1},
        {"limits": {1: ""}},
        {"limits": {1: "g" * 33}},
        {"limits": {1: b"north"}},
        {"limits": {2: []}},
        {"limits": {2: [-65543]}},
        {"limits": {2: [True]}},
        {"limits": {2: [[1]]}},
        {"limits": {3: True}},
        {"limits": {3: 10}},
        {"limits": {3: -1}},
        {"limits": {4: 1 << 53}},
        {"limits": {4: None}},
        {"limits": {5: 1}},
    ],
    ids=str,
)
def test_refuses_other_claims_though_signed(authority: Authority, change: Any) -> None:
    data = sign1(cbor.encode(claims(**change)), authority, c.INSTALLER_CONTEXT)
    with pytest.raises(BadCertificate):
        read_installer_certificate(data, authority.public_key)
    good = sign1(cbor.encode(claims()), authority, c.INSTALLER_CONTEXT)
    assert read_installer_certificate(good, authority.public_key).kinds == ("networks",)


@pytest.mark.parametrize(
    "limits",
    [
        {"subject": ""},
        {"group": ""},
        {"kinds": ()},
        {"kinds": ("networks", "trust")},
        {"first_sequence": 8, "last_sequence": 7},
        {"last_sequence": 1 << 53},
        {"expires": -1},
        {"installer_public_key": bytes(32)},
    ],
    ids=str,
)
def test_makes_none_that_no_board_would_read(authority: Authority, limits: Any) -> None:
    values = {
        "subject": "Ann",
        "installer_public_key": authority.public_key,
        "first_sequence": 0,
        "last_sequence": 9,
    }
    with pytest.raises(AuthorityError):
        certify_installer(authority, **{**values, **limits})


def test_the_store_keeps_a_certificate_with_its_key(
    home: Path, authority: Authority, stranger: Authority
) -> None:
    store = AuthorityStore()
    key = Authority.generate("ann")
    store.save(key, PASSPHRASE)
    data = certified(authority, key).certificate
    assert data is not None
    with pytest.raises(BadCertificate, match="not about this key"):
        store.keep_certificate("ann", certified(authority, stranger).certificate or b"")
    with pytest.raises(AuthorityError):
        store.keep_certificate("bob", data)
    assert store.load("ann", PASSPHRASE).certificate is None
    store.keep_certificate("ann", data)
    assert store.load("ann", PASSPHRASE).certificate == data
    # The certificate of a key that was taken away is not the next one's of that name.
    (home / "authorities" / "ann.pem").unlink()
    store.save(Authority.generate("ann"), PASSPHRASE)
    assert store.load("ann", PASSPHRASE).certificate is None
