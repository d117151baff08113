"""A board that has the keys of tests/vectors: every order there is one for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from host_client.authority import Authority
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import LIMITS, Rig
from tests.vectors import order_cases as cases
from tests.vectors.sealing import Signer, dumps, ordered
from tests.virtual_board.image import Firmware
from transports import contract as c

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
DEVICE_ID = cases.CLAIMS[3]


def signer(curve: str) -> Signer:
    return cases.AUTHORITY if curve == "Ed25519" else cases.P256_AUTHORITY


def authority(curve: str) -> Authority:
    """The vectors' authority as the host client's."""
    return Authority("vectors", signer(curve).private)


def orders(file: str, curve: str) -> list[dict[str, Any]]:
    """Those that a board of policy `signed` with this authority can be given."""
    listed = json.loads((VECTORS / file).read_text())["orders"]
    return [
        case
        for case in listed
        if case.get("authority", "Ed25519") == curve
        and not case.get("psk")
        and not case.get("unsigned")
    ]


async def vector_rig(
    new_rig: NewRig,
    curve: str,
    policy: int = c.SIGNED,
    record: dict[str, Any] | None = None,
    **limits: int,
) -> Rig:
    """A rig whose board has the vectors' device key, id and authority, its window open.

    record: further arguments of identity.write.
    """
    product = Firmware.product()
    code = _factory_code(curve, policy, record or {}, limits)
    rig = await new_rig(firmware=Firmware(product.sources, code))
    await rig.open_window()
    return rig


def _factory_code(curve: str, policy: int, record: dict[str, Any], limits: dict[str, int]) -> str:
    """As firmware/factory.py, but for the private key, which is given."""
    key = dumps(ordered(signer(curve).cose_key))
    report = {
        "device_id": DEVICE_ID,
        "device_key": cases.DEVICE.public.hex(),
        "name": "Latchkey-" + DEVICE_ID[-4:],
    }
    return (
        "from firmware.device import identity\n"
        f"identity.write({DEVICE_ID!r}, 'vectors', {cases.DEVICE.secret!r}, "
        f"{cases.DEVICE.public!r}, {key!r}, {policy}, {{}}, { ({**LIMITS, **limits})!r}, "
        f"**{record!r})\n"
        f"print({json.dumps(report)!r})\n"
    )
