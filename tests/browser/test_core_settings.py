"""core/settings.ts takes the settings that the host takes, writes the same claims, and says why
it takes no others."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from host_client.errors import BadSettings
from host_client.settings import Settings, parse_settings
from tests.browser.node import Node, NodeError
from tests.browser.sealing_in_node import DEVICE_PRIVATE, seal
from transports import contract as c

OCTETS = st.binary(max_size=34)
KEYS = st.one_of(
    st.binary(min_size=6, max_size=66),
    st.text("0123456789abcdefABCDEF", min_size=63, max_size=65).map(str.encode),
    st.text("pass w\u00f6rd\x7f\n", min_size=7, max_size=64).map(str.encode),
)
# Of every kind that there is: unset, networks' own, broadcast, loopback, multicast, reserved.
LAST_OCTETS = st.sampled_from((0, 1, 20, 254, 255))
PLACES = st.builds(
    lambda first, second, last: IPv4Address(bytes((first, second, second, last))),
    st.sampled_from((0, 10, 127, 128, 192, 223, 224, 239, 240, 255)),
    LAST_OCTETS,
    LAST_OCTETS,
)
STATIC = st.fixed_dictionaries(
    {"address": PLACES, "prefix": st.integers(-1, 33)},
    optional={"gateway": PLACES, "dns": PLACES},
)
NETWORK = st.fixed_dictionaries(
    {"ssid": OCTETS}, optional={"key": KEYS, "hidden": st.booleans(), "static": STATIC}
)
DEVICE = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(st.characters(exclude_categories=("Cs", "Cn", "Co")), max_size=40),
        "hostname": st.text("aZ0-_", max_size=34),
        "country": st.text("DEde", max_size=3),
        "timezone": st.text("CET-1 ~", max_size=66),
    },
)
HERE = IPv4Address("10.0.0.1")
quickly = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def for_core(network: dict[str, Any]) -> dict[str, Any]:
    """Octets as hex."""
    made = {**network, "ssid": network["ssid"].hex()}
    if "key" in network:
        made["key"] = network["key"].hex()
    if "static" in network:
        made["static"] = {
            name: value if name == "prefix" else value.packed.hex()
            for name, value in network["static"].items()
        }
    return made


def for_host(network: dict[str, Any]) -> dict[str, Any]:
    made = {name: network[name] for name in ("ssid", "key", "hidden") if name in network}
    if "static" in network:
        static = network["static"]
        made["address"] = f"{static['address']}/{static['prefix']}"
        made |= {name: str(static[name]) for name in ("gateway", "dns") if name in static}
    return made


def claims_of(core: Node, given: dict[str, Any]) -> dict[int, Any] | None:
    """The settings among the claims that the core seals, or None where it refuses them."""
    try:
        sealed = seal(core, "anybody", settings=given, nonce="00" * 16)
    except NodeError as error:
        if error.name != "BadInput":
            raise
        return None
    opened = core.ask(
        "open_order", order=sealed["order"], device_private=DEVICE_PRIVATE, unsigned=True
    )
    claims = cbor2.loads(bytes.fromhex(opened["payload"]))
    return {name: claims[name] for name in (c.CLAIM_NETWORKS, c.CLAIM_DEVICE) if name in claims}


def host_claims(given: dict[str, Any]) -> dict[int, Any] | None:
    try:
        made: Settings = parse_settings(given)
    except BadSettings:
        return None
    return made.to_claims()


@quickly
@given(network=NETWORK)
def test_takes_the_networks_that_the_host_takes(core: Node, network: dict[str, Any]) -> None:
    expected = host_claims({"networks": [for_host(network)]})
    assert claims_of(core, {"networks": [for_core(network)]}) == expected


@quickly
@given(static=STATIC)
@example(static={"address": IPv4Address("10.0.0.1"), "prefix": 1})
@example(
    static={"address": IPv4Address("10.0.0.1"), "prefix": 8, "gateway": IPv4Address("10.9.9.9")}
)
@example(static={"address": IPv4Address("10.0.0.1"), "prefix": 30, "dns": IPv4Address("9.9.9.9")})
def test_takes_the_addresses_that_the_host_takes(core: Node, static: dict[str, Any]) -> None:
    network = {"ssid": b"home", "static": static}
    expected = host_claims({"networks": [for_host(network)]})
    assert claims_of(core, {"networks": [for_core(network)]}) == expected


@quickly
@given(device=DEVICE)
@example(device={"name": "\u00a0"})
@example(device={"name": "a b"})
@example(device={"name": "a\u200bb"})
@example(device={"hostname": "a" * 32, "country": "DE", "timezone": "CET-1CEST,M3.5.0,M10.5.0/3"})
def test_takes_the_device_settings_that_the_host_takes(core: Node, device: dict[str, Any]) -> None:
    network = {"ssid": b"home"}
    expected = host_claims({"networks": [network], "device": device})
    given = {"networks": [for_core(network)], "device": device}
    assert claims_of(core, given) == expected


HOME = {"ssid": b"home".hex()}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"networks": []}, "settings-empty"),
        ({"networks": [], "device": {}}, "settings-empty"),
        ({"networks": [HOME] * 6}, "networks-number"),
        ({"networks": [{"ssid": ""}]}, "ssid-length"),
        ({"networks": [{"ssid": "00" * 33}]}, "ssid-length"),
        ({"networks": [{**HOME, "key": b"short".hex()}]}, "password-length"),
        ({"networks": [{**HOME, "key": ""}]}, "password-length"),
        ({"networks": [{**HOME, "key": b"tab\tinside".hex()}]}, "password-control"),
        ({"networks": [HOME], "device": {"hostname": "-"}}, "device-hostname"),
        ({"networks": [HOME], "device": {"country": "de"}}, "device-country"),
        ({"networks": [HOME], "device": {"timezone": ""}}, "device-timezone"),
        ({"networks": [HOME], "device": {"name": "\n"}}, "device-name"),
    ],
)
def test_says_why(core: Node, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(NodeError) as refused:
        seal(core, "anybody", settings=given)
    assert refused.value.reason == reason


def test_five_networks_are_tried_in_their_order(core: Node) -> None:
    networks = [{"ssid": f"{number:02x}"} for number in range(5)]
    claims = claims_of(core, {"networks": networks})
    assert claims == {c.CLAIM_NETWORKS: [{1: bytes((number,))} for number in range(5)]}
