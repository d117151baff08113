"""host_client/order.py: orders as latchkey.cddl says, opened by witnesses that share no code.

Witnesses: PyPI `cwt` (COSE-HPKE and COSE_Sign1), `cryptography`'s own HPKE, and the board's
decoder (firmware/envelope).
"""

from __future__ import annotations

import secrets
import time

import cbor2
import cwt
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cwt import COSE, COSEKey

from firmware.crypto import pacing, signature
from firmware.envelope import cbor as board_cbor
from firmware.envelope.errors import NotAuthentic
from firmware.envelope.order import open_order
from host_client import cbor
from host_client.authority import Authority
from host_client.errors import BadOrder
from host_client.label import label_key, new_code
from host_client.order import SealedOrder, Target, seal_order
from host_client.proof import Anybody, FirstUse, LabelCode, Proof
from host_client.settings import Settings, parse_settings
from tests.host.test_installer import certified
from transports import contract as c
from transports.names import FIELD_NAMES

WHOLE = {
    "network": [
        {"ssid": "hex:00ff20", "password": "correct horse", "hidden": True},
        {"ssid": "Café", "key": "0123456789abcdef" * 4},
        {"ssid": "open"},
    ],
    "server": {
        "url": "https://example.org:8443/x",
        "pin": "ab" * 32,
        "credentials": "token",
        "required": True,
    },
    "device": {"name": "Boiler", "hostname": "boiler", "country": "DE", "timezone": "CET-1CEST"},
    "app": "hex:00010203",
}


class Keys:
    """A board's key pair, and a target for it."""

    def __init__(self) -> None:
        self.private = X25519PrivateKey.generate()
        self.octets = self.private.private_bytes_raw()
        self.public = self.private.public_key().public_bytes_raw()
        self.target = Target("lk-test", self.public)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture(params=["ed25519", "p256"], scope="module")
def signer(request: pytest.FixtureRequest) -> Authority:
    return Authority.generate("witnessed", request.param)


def cose_private(keys: Keys, suite: int) -> COSEKey:
    key = {1: 1, 3: suite, -1: 4, -2: keys.public, -4: keys.octets}
    return COSEKey.new(key)


def cose_public(signer: Authority) -> COSEKey:
    return COSEKey.new(cbor2.loads(signer.public_key))


@pytest.mark.parametrize("suite", [c.ALG_HPKE_3, c.ALG_HPKE_4])
def test_cwt_opens_and_verifies_an_order(keys: Keys, signer: Authority, suite: int) -> None:
    nonce = secrets.token_bytes(16)
    order = seal_order(parse_settings(WHOLE), keys.target, signer, nonce=nonce, suite=suite)
    cose = COSE.new()
    signed = cose.decode(order.data, cose_private(keys, suite), external_aad=c.ORDER_CONTEXT)
    claims = cbor2.loads(cose.decode(signed, cose_public(signer), external_aad=c.ORDER_CONTEXT))
    assert claims == {
        c.CLAIM_AUDIENCE: "lk-test",
        c.CLAIM_ISSUED: claims[c.CLAIM_ISSUED],
        c.CLAIM_ORDER_ID: order.order_id,
        c.CLAIM_NONCE: nonce,
        c.CLAIM_SUITE: suite,
        c.CLAIM_SEQUENCE: claims[c.CLAIM_SEQUENCE],
        c.CLAIM_NETWORKS: [
            {1: b"\x00\xff ", 2: b"correct horse", 3: True},
            {1: "Café".encode(), 2: b"0123456789abcdef" * 4},
            {1: b"open"},
        ],
        c.CLAIM_SERVER: {1: "https://example.org:8443/x", 2: b"\xab" * 32, 3: b"token", 4: True},
        c.CLAIM_DEVICE: {1: "Boiler", 2: "boiler", 3: "DE", 4: "CET-1CEST"},
        c.CLAIM_APP: bytes(range(4)),
    }
    assert abs(claims[c.CLAIM_SEQUENCE] - time.time() * 1000) < 10_000
    assert abs(claims[c.CLAIM_ISSUED] - time.time()) < 10


def test_cwt_refuses_it_for_another_purpose(keys: Keys, authority: Authority) -> None:
    order = seal_order(parse_settings(WHOLE), keys.target, authority)
    cose = COSE.new()
    with pytest.raises(cwt.DecodeError):
        cose.decode(order.data, cose_private(keys, 42), external_aad=c.RECEIPT_CONTEXT)
    signed = cose.decode(order.data, cose_private(keys, 42), external_aad=c.ORDER_CONTEXT)
    with pytest.raises(cwt.VerifyError):
        cose.decode(signed, cose_public(authority), external_aad=b"")


@pytest.mark.parametrize("suite", [c.ALG_HPKE_3, c.ALG_HPKE_4])
def test_cryptography_opens_the_seal(keys: Keys, authority: Authority, suite: int) -> None:
    """Its public API takes no associated data, so the test uses the function below it."""
    hpke = pytest.importorskip("cryptography.hazmat.bindings._rust").openssl.hpke
    order = seal_order(parse_settings(WHOLE), keys.target, authority, suite=suite)
    body = cbor2.loads(order.data)
    assert body.tag == 16
    protected, unprotected, ciphertext = body.value
    assert cbor2.loads(protected) == {1: suite}
    assert set(unprotected) == {-4}
    aead = hpke.AEAD.AES_128_GCM if suite == c.ALG_HPKE_3 else hpke.AEAD.CHACHA20_POLY1305
    witness = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, aead)
    aad = cbor2.dumps(["Encrypt0", protected, c.ORDER_CONTEXT])
    plaintext = hpke._decrypt_with_aad(witness, unprotected[-4] + ciphertext, keys.private, aad=aad)
    assert cbor2.loads(plaintext).tag == 18


@pytest.mark.parametrize("suite", [c.ALG_HPKE_4])
def test_the_board_opens_an_order_and_agrees_on_its_claims(
    keys: Keys, signer: Authority, suite: int
) -> None:
    order = seal_order(parse_settings(WHOLE), keys.target, signer, suite=suite, expires_s=2**33)
    opened = pacing.run(
        open_order(
            order.data, keys.octets, signature.load_key(board_cbor.decode(signer.public_key))
        )
    )
    assert opened.order.audience == "lk-test"
    assert opened.order.expires == 2**33
    assert opened.order.nonce is None
    assert [bytes(network.ssid) for network in opened.order.networks] == [
        b"\x00\xff ",
        "Café".encode(),
        b"open",
    ]
    assert opened.order.networks[0].hidden
    assert opened.order.server.required
    assert order.secret is not None
    assert opened.export(c.EXPORT_RECEIPT_KEY, 32) == order.secret.receipt_key


def test_the_board_opens_an_order_proved_by_its_label(keys: Keys) -> None:
    """The board's own HPKE holds RFC 9180's vectors of the PSK mode; the host's is pyhpke."""
    code = new_code()
    order = seal_order(parse_settings(WHOLE), keys.target, LabelCode(code))
    protected, unprotected, _ = cbor2.loads(order.data).value
    assert cbor2.loads(protected) == {1: 42, -5: b"label"}
    assert set(unprotected) == {-4}
    psk = label_key(code, "lk-test")
    opened = pacing.run(open_order(order.data, keys.octets, None, psk=psk, unsigned=True))
    assert not opened.signed
    assert opened.order.issued is not None
    assert order.secret is not None
    assert opened.export(c.EXPORT_RECEIPT_KEY, 32) == order.secret.receipt_key
    for wrong in (None, label_key(code, "lk-tesu"), label_key(new_code(), "lk-test")):
        with pytest.raises(NotAuthentic):
            pacing.run(open_order(order.data, keys.octets, None, psk=wrong, unsigned=True))


@pytest.mark.parametrize("proof", [Anybody(), FirstUse(Authority.generate("owner"))])
def test_an_unsigned_order_is_a_tagged_claims_set(keys: Keys, proof: Proof) -> None:
    """UCCS: CBOR tag 601 (RFC 9781). cwt opens the seal, cbor2 reads the rest."""
    order = seal_order(parse_settings({"app": "x"}), keys.target, proof)
    plain = COSE.new().decode(order.data, cose_private(keys, 42), external_aad=c.ORDER_CONTEXT)
    claims = cbor2.loads(plain)
    assert claims.tag == 601
    assert claims.value[c.CLAIM_AUDIENCE] == "lk-test"
    opened = pacing.run(open_order(order.data, keys.octets, None, unsigned=True))
    assert (opened.order.trust is None) == isinstance(proof, Anybody)
    with pytest.raises(NotAuthentic):
        pacing.run(open_order(order.data, keys.octets, None))


def test_the_board_reads_a_static_address(keys: Keys, authority: Authority) -> None:
    network = {"ssid": "home", "address": "192.168.1.20/24", "gateway": "192.168.1.1"}
    order = seal_order(parse_settings({"network": [network]}), keys.target, authority)
    key = signature.load_key(board_cbor.decode(authority.public_key))
    static = pacing.run(open_order(order.data, keys.octets, key)).order.networks[0].static
    assert (static.address, static.prefix) == (bytes((192, 168, 1, 20)), 24)
    assert (static.gateway, static.dns) == (bytes((192, 168, 1, 1)), None)


def test_both_encoders_agree_on_every_map_of_the_protocol() -> None:
    """cbor2 sorts by length first, the board by octets: no map may tell them apart."""
    header = {1: 42, 4: b"kid", -5: b"psk"}
    key = {1: 2, 3: -9, -1: 1, -2: bytes(32), -3: bytes(32)}
    reply = dict.fromkeys(range(len(FIELD_NAMES)), 0)
    claims = {getattr(c, name): 0 for name in dir(c) if name.startswith("CLAIM_")}
    certified = {2: 0, 4: 0, 8: {1: key}, -65545: {1: 0, 2: 0, 3: 0, 4: 0}, -65546: 0, -65547: 0}
    signed = {1: -19, 4: b"kid", c.HEADER_INSTALLER: b"certificate"}
    for value in (
        certified,
        signed,
        header,
        key,
        reply,
        claims,
        [1, b"", "", None, True, {}],
        -(2**40),
    ):
        assert cbor.encode(value) == board_cbor.encode(value)


def test_order_ids_and_encapsulations_never_repeat(keys: Keys, authority: Authority) -> None:
    settings = parse_settings(WHOLE)
    orders = [seal_order(settings, keys.target, authority) for _ in range(20)]
    assert len({order.order_id for order in orders}) == 20
    assert len({order.data[:60] for order in orders}) == 20


@pytest.mark.parametrize(
    "change",
    [
        {"suite": 40},
        {"nonce": b"short"},
        {"sequence": -1},
        {"sequence": c.MAX_SEQUENCE + 1},
    ],
    ids=str,
)
def test_refuses_what_no_board_takes(
    keys: Keys, authority: Authority, settings: Settings, change: dict[str, object]
) -> None:
    with pytest.raises(BadOrder):
        seal_order(settings, keys.target, authority, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("device_id", "key"), [("", bytes(32)), ("x" * 33, bytes(32)), ("lk", bytes(31))]
)
def test_refuses_an_impossible_target(device_id: str, key: bytes) -> None:
    with pytest.raises(BadOrder):
        Target(device_id, key)


def test_the_longest_order_fits_a_message(keys: Keys, authority: Authority) -> None:
    longest = {
        "network": [
            {
                "ssid": "s" * 32,
                "password": "p" * 63,
                "hidden": True,
                "address": "10.0.0.9/8",
                "gateway": "10.0.0.1",
                "dns": "10.0.0.2",
            }
        ]
        * 5,
        "server": {
            "url": "https://" + "h" * 248,
            "pin": "00" * 32,
            "credentials": "c" * 512,
            "required": True,
        },
        "device": {"name": "n" * 64, "hostname": "h" * 32, "country": "DE", "timezone": "Z" * 64},
        "app": "a" * c.MAX_APP_DATA,
    }
    installer = certified(authority, authority, group="g" * 32)
    for signer in (authority, installer):
        order = seal_order(parse_settings(longest), keys.target, signer, nonce=bytes(16))
        assert len(order.data) < c.MAX_MESSAGE


def test_repr_shows_no_secret(keys: Keys, authority: Authority) -> None:
    order = seal_order(parse_settings(WHOLE), keys.target, authority)
    assert isinstance(order, SealedOrder)
    assert order.secret is not None
    for text in (repr(order), str(order), repr(order.secret)):
        assert "correct" not in text
        assert order.data.hex()[:16] not in text
        assert repr(order.secret.receipt_key)[2:10] not in text
