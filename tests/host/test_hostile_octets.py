"""Whatever octets come in, the host raises its own errors, in time, and nothing else."""

from __future__ import annotations

from pathlib import Path

import cbor2
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from firmware.envelope import cbor as board_cbor
from firmware.envelope.claims import decode_claims
from firmware.envelope.cose import mac0
from firmware.provision.trial import host_and_port
from host_client import bundle, cbor
from host_client.authority import Authority
from host_client.board import BoardInfo, Reply, Status, networks_from_reply
from host_client.certificate import read_device_certificate
from host_client.cose_key import decode_public_key
from host_client.errors import (
    AuthorityError,
    BadCertificate,
    BadLabel,
    BadOrder,
    BadReceipt,
    BadReply,
    BadSettings,
    UntrustedBoard,
)
from host_client.installer import read_installer_certificate
from host_client.label import read_label
from host_client.receipt import ReceiptSecret, read_receipt
from host_client.settings import parse_settings
from host_client.sign1 import sign1
from transports import contract as c

QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(0, 30) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = st.dictionaries(st.integers(0, 30), PLAIN, max_size=20)
OCTETS = st.binary(max_size=200) | PLAIN.map(cbor2.dumps) | FIELDS.map(cbor.encode)

DESCRIPTOR = {
    c.F_STATUS: c.OK,
    c.F_PROTOCOL: 1,
    c.F_DEVICE_ID: "lk",
    c.F_STATE: 2,
    c.F_POLICY: 0,
    c.F_DEVICE_KEY: bytes(32),
    c.F_STEP: 0,
}
SECRET = ReceiptSecret(b"o" * 16, "lk", b"k" * 32, b"d" * 32)


@QUICK
@given(OCTETS)
def test_any_octets_as_a_reply(data: bytes) -> None:
    try:
        Reply(data)
    except BadReply:
        pass


@QUICK
@given(FIELDS)
@example({c.F_NETWORKS: [[b"s" * 33, -1, 1, 1]]})
@example({c.F_NETWORKS: [[b"s", True, 1, 1]]})
def test_any_fields_as_a_descriptor_a_status_or_a_scan(fields: dict[int, object]) -> None:
    reply = Reply(cbor.encode({**DESCRIPTOR, **fields, c.F_STATUS: c.OK}))
    for read in (BoardInfo.from_reply, Status.from_reply, networks_from_reply):
        try:
            repr(read(reply))
        except BadReply:
            pass


@QUICK
@given(OCTETS, st.booleans())
def test_any_octets_as_a_receipt(data: bytes, tagged: bool) -> None:
    for secret in (None, SECRET):
        try:
            read_receipt(b"\xd1" * tagged + data, secret)
        except BadReceipt:
            pass


KEY = Authority.generate("key")
CERTIFIED = st.dictionaries(
    st.sampled_from([2, 4, 8, -65545, -65546, -65547, 1]),
    PLAIN | st.builds(lambda value: {1: value}, PLAIN) | st.just({1: cbor2.loads(KEY.public_key)}),
)


@QUICK
@given(OCTETS | st.builds(lambda claims: sign1(cbor.encode(claims), KEY, b""), CERTIFIED))
def test_any_octets_as_a_certificate_or_key(data: bytes) -> None:
    for read, error in (
        (read_device_certificate, UntrustedBoard),
        (read_installer_certificate, BadCertificate),
        (decode_public_key, AuthorityError),
    ):
        for octets in (data, b"\xd2" + data):
            try:
                read(octets)
            except error:
                pass


@QUICK
@given(st.text(max_size=40) | st.text("0123456789ABCDEFGHJKLMNOPQRSTUVWXYZ-il o", max_size=30))
@example("ﬀ" * 21)
def test_any_text_as_a_label_or_its_code(text: str) -> None:
    for prefix in ("", "LK1:", "https://h/p#LK1:", f"LK1:kettle:{'A' * 26}:"):
        try:
            read_label(prefix + text)
        except BadLabel:
            pass


@QUICK
@given(st.dictionaries(st.integers(0, 7), PLAIN, max_size=7))
def test_any_claims_under_the_right_key(claims: dict[int, object]) -> None:
    """A board that opened the order may still be out of order itself."""
    data = bytes(mac0(cbor.encode(claims), SECRET.receipt_key, c.RECEIPT_CONTEXT))
    try:
        read_receipt(data, SECRET)
    except BadReceipt:
        pass


@QUICK
@given(
    OCTETS
    | st.builds(
        lambda kind, entries: cbor.encode({"format": kind, "entries": entries}),
        st.sampled_from([bundle.ORDERS, bundle.RECEIPTS, bundle.SECRETS]),
        st.lists(
            st.dictionaries(
                st.sampled_from(["order_id", "device_id", "order", "receipt", "networks"]),
                PLAIN | st.binary(min_size=16, max_size=16),
            ),
            max_size=3,
        ),
    )
)
def test_any_file_as_a_bundle(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    for read in (bundle.read_orders, bundle.read_receipts, bundle.read_secrets):
        try:
            read(path)
        except BadOrder:
            pass


@QUICK
@given(
    st.dictionaries(
        st.sampled_from(["network", "networks", "server", "device", "app", "trust", "x"]), PLAIN
    )
    | st.builds(
        lambda network, server, device, trust: {
            "network": [network],
            "server": server,
            "device": device,
            "trust": trust,
        },  # fmt: skip
        st.dictionaries(
            st.sampled_from(["ssid", "password", "key", "hidden", "address", "gateway", "dns"]),
            PLAIN,
        ),
        st.dictionaries(st.sampled_from(["url", "pin", "credentials", "required"]), PLAIN),
        st.dictionaries(st.sampled_from(["name", "hostname", "country", "timezone"]), PLAIN),
        st.dictionaries(st.sampled_from(["owner", "release", "authority", "policy"]), PLAIN),
    )
)
def test_any_values_as_settings(values: dict[str, object]) -> None:
    try:
        parse_settings(values).to_claims()
    except BadSettings:
        pass


NEEDED = {
    c.CLAIM_AUDIENCE: "lk",
    c.CLAIM_ORDER_ID: bytes(16),
    c.CLAIM_SUITE: c.ALG_HPKE_4,
    c.CLAIM_SEQUENCE: 1,
}
SSIDS = st.text(max_size=40) | st.binary(max_size=40)
KEYS = st.none() | st.text(max_size=70) | st.text("0aFg", min_size=63, max_size=65)
HOSTS = st.sampled_from(["10.0.0.1", "10.0.0.0", "10.0.0.255", "10.1.2.3", "0.0.0.0", "1.2.3"])
NETWORKS = st.fixed_dictionaries(
    {"ssid": SSIDS, "key": KEYS, "hidden": st.booleans()},
    optional={
        "address": st.builds("{}/{}".format, HOSTS, st.integers(-1, 33)),
        "gateway": HOSTS,
        "dns": HOSTS,
    },
)
TRUST = st.fixed_dictionaries(
    {},
    optional={
        "owner": st.sampled_from([KEY.public_key, bytes(32)]),
        "authority": st.just(Authority.generate("p256", "p256").public_key),
        "policy": st.integers(-1, 4) | st.sampled_from(["label", "none"]),
        "release": st.booleans(),
    },
)
URLS = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https", "mqtt", "mqtts", "ws", "HTTP"]),
    st.sampled_from(["host", "h.example", "[::1]", "[::1", "", "1.2.3.4", "a@b", "h\x00", "hé"]),
    st.sampled_from(["", ":80", ":0", ":65536", ":x", ":", ":-1", ": 1"]),
    st.text(max_size=10).map(lambda text: "/" + text) | st.just(""),
)
DEVICES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=70),
        "hostname": st.text("ab-_", max_size=34),
        "country": st.text("ABc", max_size=3),
        "timezone": st.text("CET-1 \x00", max_size=66),
    },
)


@QUICK
@given(
    st.fixed_dictionaries(
        {"network": st.lists(NETWORKS, min_size=1, max_size=6), "app": st.binary(max_size=20)},
        optional={
            "server": st.fixed_dictionaries({"url": URLS}),
            "device": DEVICES,
            "trust": TRUST,
        },
    )
)
@example({"device": {"name": "a\x00b"}})
@example({"server": {"url": "http://h\x00/"}})
@example({"server": {"url": "http://h/\x00"}})
@example({"server": {"url": "HTTP://host"}})
@example({"device": {"timezone": "CET\x00"}})
def test_what_the_host_accepts_the_board_accepts(values: dict[str, object]) -> None:
    """Else a person would hear of a mistake only once a board has spent an attempt on it."""
    try:
        accepted = parse_settings(values)
    except BadSettings:
        return
    decode_claims(board_cbor.encode({**NEEDED, **accepted.to_claims()}))
    if accepted.server is not None:
        host_and_port(accepted.server.url)
