"""Device certificates: made, checked against the CDDL and the witness, and refused."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from cwt import COSE, COSEKey

from host_client import cbor
from host_client.authority import ALGORITHMS, Authority
from host_client.certificate import check_device_certificate, make_device_certificate
from host_client.errors import AuthorityError, BadOrder, UntrustedBoard
from host_client.sign1 import sign1
from transports import contract as c

KEY = bytes(range(1, 33))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_certifies_a_board(algorithm: str) -> None:
    maker = Authority.generate("maker", algorithm)
    data = make_device_certificate(maker, "kettle-1", KEY, "kettle", "2026-0001")
    read = check_device_certificate(data, maker.public_key, "kettle-1", KEY)
    assert (read.device_id, read.device_key) == ("kettle-1", KEY)
    assert (read.model, read.serial) == ("kettle", "2026-0001")
    assert len(data) < 300


def test_an_independent_witness_reads_it_as_the_cddl_says(authority: Authority) -> None:
    data = make_device_certificate(authority, "kettle-1", KEY, serial="7")
    witness = COSEKey.new(cbor2.loads(authority.public_key))
    payload = COSE.new().decode(data, witness, external_aad=b"latchkey/1 device")
    claims = cbor2.loads(payload)
    assert claims == {2: "kettle-1", 8: {1: {1: 1, -1: 4, -2: KEY}}, -65547: "7"}


@pytest.mark.parametrize(
    ("device_id", "key"), [("kettle-2", KEY), ("kettle-1", bytes(32)), ("", KEY)]
)
def test_refuses_another_board_or_key(authority: Authority, device_id: str, key: bytes) -> None:
    data = make_device_certificate(authority, "kettle-1", KEY)
    with pytest.raises(UntrustedBoard):
        check_device_certificate(data, authority.public_key, device_id, key)


def test_refuses_another_maker_and_every_changed_bit(
    authority: Authority, stranger: Authority
) -> None:
    data = make_device_certificate(authority, "kettle-1", KEY)
    with pytest.raises(UntrustedBoard):
        check_device_certificate(data, stranger.public_key, "kettle-1", KEY)
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(UntrustedBoard):
            check_device_certificate(bytes(changed), authority.public_key, "kettle-1", KEY)
    for length in range(len(data)):
        with pytest.raises(UntrustedBoard):
            check_device_certificate(data[:length], authority.public_key, "kettle-1", KEY)


GOOD: dict[int, Any] = {2: "kettle-1", 8: {1: {1: 1, -1: 4, -2: KEY}}}


@pytest.mark.parametrize(
    "change",
    [
        {2: b"kettle-1"},
        {2: "k" * 33},
        {8: {1: {1: True, -1: 4, -2: KEY}}},
        {8: {1: {1: 1, -1: 6, -2: KEY}}},
        {8: {1: {1: 1, -1: 4, -2: KEY[:31]}}},
        {8: {1: {1: 1, -1: 4, -2: KEY, -4: KEY}}},
        {8: {1: {1: 1, -1: 4, -2: KEY}, 3: b"x"}},
        {8: {2: KEY}},
        {8: KEY},
        {-65546: ""},
        {-65546: 5},
        {-65547: "s" * 65},
        {4: 5},
        {99: True},
    ],
    ids=str,
)
def test_refuses_other_claims_though_signed(authority: Authority, change: dict[int, Any]) -> None:
    data = sign1(cbor.encode({**GOOD, **change}), authority, c.DEVICE_CONTEXT)
    with pytest.raises(UntrustedBoard):
        check_device_certificate(data, authority.public_key, "kettle-1", KEY)


@pytest.mark.parametrize("context", [c.ORDER_CONTEXT, c.INSTALLER_CONTEXT, b""])
def test_refuses_a_signature_made_for_another_purpose(authority: Authority, context: bytes) -> None:
    data = sign1(cbor.encode(GOOD), authority, context)
    with pytest.raises(UntrustedBoard):
        check_device_certificate(data, authority.public_key, "kettle-1", KEY)


def test_refuses_a_header_of_more(authority: Authority) -> None:
    data = sign1(cbor.encode(GOOD), authority, c.DEVICE_CONTEXT, {c.HEADER_INSTALLER: b""})
    with pytest.raises(UntrustedBoard):
        check_device_certificate(data, authority.public_key, "kettle-1", KEY)
    with_kid = sign1(cbor.encode(GOOD), authority, c.DEVICE_CONTEXT, {4: b"1"})
    assert check_device_certificate(with_kid, authority.public_key, "kettle-1", KEY)


def test_refuses_a_manufacturer_that_is_no_key(authority: Authority) -> None:
    data = make_device_certificate(authority, "kettle-1", KEY)
    for other in (b"", bytes(32), authority.public_key + b"\0", cbor.encode({1: 1, -1: 6})):
        with pytest.raises(AuthorityError):
            check_device_certificate(data, other, "kettle-1", KEY)


@pytest.mark.parametrize(
    "arguments",
    [("", KEY), ("k" * 33, KEY), ("kettle", KEY[:31]), ("k", KEY, ""), ("k", KEY, "m", "s" * 65)],
)
def test_makes_none_that_no_host_would_read(authority: Authority, arguments: Any) -> None:
    with pytest.raises(BadOrder):
        make_device_certificate(authority, *arguments)
