"""Orders that the pages' core seals, for tests: to the board of tests/vectors, in each form."""

from __future__ import annotations

from typing import Any

from host_client import label
from host_client.authority import Authority
from host_client.order import Target
from host_client.proof import Anybody, FirstUse, LabelCode, Proof, SignedBy
from host_client.settings import Settings, parse_settings
from tests.browser.node import Node
from tests.vectors import order_cases, policy_cases
from tests.vectors.owner_cases import NEW_BOARD
from tests.vectors.policy_cases import LABEL_BOARD, OPEN_BOARD
from tests.vectors.sealing import seed
from transports import contract as c

TARGET = Target("LK-0001", order_cases.DEVICE.public)
DEVICE_PRIVATE = order_cases.DEVICE.secret.hex()
CODE = label.new_code()
OWNER = Authority("owner", policy_cases.OWNER.private)
OWNER_SECRET = seed("owner").hex()
NONCE = policy_cases.NONCE

# In each form: what the core is asked for, what the host proves it with, and whose board takes it.
FORMS: dict[str, tuple[dict[str, str], Proof, dict[str, Any]]] = {
    "label": (
        {"form": "label", "code": CODE},
        LabelCode(CODE),
        {**LABEL_BOARD, "label_key": label.label_key(CODE, TARGET.device_id).hex()},
    ),
    "first-use": ({"form": "first-use", "owner": OWNER_SECRET}, FirstUse(OWNER), NEW_BOARD),
    "owner": (
        {"form": "owner", "owner": OWNER_SECRET},
        SignedBy(OWNER),
        {**NEW_BOARD, "owner": OWNER.public_key.hex()},
    ),
    # A key of the core's kind may be an authority's as well.
    "authority": (
        {"form": "owner", "owner": OWNER_SECRET},
        SignedBy(OWNER),
        {"authority": OWNER.public_key.hex()},
    ),
    "anybody": ({"form": "anybody"}, Anybody(), OPEN_BOARD),
}

# The same settings for the core and for the host: all that a page can set.
SETTINGS: dict[str, Any] = {
    "networks": [
        {"ssid": "caf\u00e9".encode().hex(), "key": "p\u00e4sswort".encode().hex(), "hidden": True},
        {"ssid": "00ff", "key": ("0" * 64).encode().hex()},
        {
            "ssid": b"open".hex(),
            "static": {
                "address": "c0a80114", "prefix": 24, "gateway": "c0a80101", "dns": "08080808",
            },
        },
    ],
    "device": {"name": "Pump 7", "hostname": "pump-7", "country": "CH", "timezone": "UTC0"},
}  # fmt: skip
HOST_SETTINGS: Settings = parse_settings(
    {
        "networks": [
            {"ssid": "caf\u00e9", "key": "p\u00e4sswort", "hidden": True},
            {"ssid": "hex:00ff", "key": "0" * 64},
            {
                "ssid": "open", "address": "192.168.1.20/24", "gateway": "192.168.1.1",
                "dns": "8.8.8.8",
            },
        ],
        "device": SETTINGS["device"],
    }
)  # fmt: skip


def seal(core: Node, form: str, suite: int = c.ALG_HPKE_4, **choices: Any) -> dict[str, Any]:
    """The core's sealed order and its receipt secret, octets in hex; choices: of core_server."""
    question = {
        "settings": SETTINGS,
        "device_id": TARGET.device_id,
        "device_key": TARGET.device_key.hex(),
        "proof": FORMS[form][0],
        "suite": suite,
    }
    sealed: dict[str, Any] = core.ask("seal", **{**question, **choices})
    return sealed
