"""Orders for boards that are not here: made, and kept in files to be carried."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from host_client import bundle
from host_client.cli.label_input import read_labels
from host_client.cli.output import Output
from host_client.cli.proof_input import ProofInput
from host_client.errors import BadLabel, BadOrder
from host_client.label import Label
from host_client.order import SealedOrder, Target, seal_order
from host_client.proof import Anybody, FirstUse, LabelCode, Proof, SignedBy, owner_proof
from host_client.settings import Settings

_DAY_S = 86400

OrdersPath = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="The orders, to be carried.")
]
SecretsPath = Annotated[
    Path, typer.Option("--secrets", metavar="FILE", help="Checks the receipts; stays here.")
]
Boards = Annotated[
    list[str] | None,
    typer.Option("--board", metavar="ID[=KEY]", help="A board; its key, unless met before."),
]
BoardsPath = Annotated[
    Path | None,
    typer.Option(
        "--boards",
        metavar="FILE",
        help="Boards, as `factory init --json`, `registry list --json` or `registry export` write "
        "them, or JSON lines with device_id and device_key.",
    ),
]
LabelsPath = Annotated[
    Path | None,
    typer.Option(
        "--labels", metavar="FILE", rich_help_panel="Proof",
        help="The boards' labels, one text a line: for boards of policy label.",
    ),
]  # fmt: skip
AheadDays = Annotated[
    float,
    typer.Option(
        "--ahead", min=0, metavar="DAYS",
        help="Number the orders as if they were made so much later: boards take them even if they "
        "keep another order meanwhile.",
    ),
]  # fmt: skip
ExpiresDays = Annotated[
    float | None, typer.Option("--expires", min=0, metavar="DAYS", help="No good afterwards.")
]


@dataclass(frozen=True)
class Delivery:
    """Where the orders go, and until when they are good."""

    output: Path
    secrets: Path
    expires_days: float | None
    ahead_days: float = 0.0


def make_orders(
    out: Output,
    settings: Settings,
    targets: list[Target],
    proof_of: Callable[[Target], Proof],
    delivery: Delivery,
) -> dict[str, Any]:
    """Make an order for each board and write them; returns the JSON result. Raises BadOrder."""
    days = delivery.expires_days
    now_s = time.time()
    expires_s = None if days is None else int(now_s + days * _DAY_S)
    sequence = int((now_s + delivery.ahead_days * _DAY_S) * 1000)
    orders = [
        seal_order(settings, target, proof_of(target), sequence=sequence, expires_s=expires_s)
        for target in targets
    ]
    # Secrets first: an order whose receipt nobody can check should not be about.
    bundle.write_secrets(delivery.secrets, [order.secret for order in orders if order.secret])
    bundle.write_orders(delivery.output, orders)
    count = "one order" if len(orders) == 1 else f"{len(orders)} orders"
    out.say(f"Made {count}, {orders[0].description}: {delivery.output}", "green")
    out.say(f"Keep {delivery.secrets} here; it checks the receipts that come back.")
    return {"orders": [order_document(order) for order in orders]}


def offline_proof(
    out: Output, given: ProofInput, labels_file: Path | None
) -> Callable[[Target], Proof]:
    """The form of each board's order. Nobody can ask the boards, so the options alone decide.

    With --labels and no other proof, each board's label code; with another, the labels only vouch
    for the boards' keys. Raises AuthorityError, BadLabel.
    """
    labels = None if labels_file is None else read_labels(labels_file)
    by_label = labels is not None and not given.names_a_key and not given.allow_open
    proof = None if by_label else _one_for_all(out, given)

    def proof_of(target: Target) -> Proof:
        label = None if labels is None else _label_of(target, labels)
        if proof is not None:
            return proof
        if label is None or label.code is None:
            raise BadLabel(f"the label of {target.device_id} has no code")
        return LabelCode(label.code)

    return proof_of


def _one_for_all(out: Output, given: ProofInput) -> Proof:
    if given.allow_open:
        if given.names_a_key:
            raise BadOrder("an order under --allow-open is unsigned: give no key beside it")
        return Anybody()
    credentials = given.collect(out).credentials
    if credentials.owner is not None:
        owner = credentials.owner
        return FirstUse(owner) if credentials.first_use else owner_proof(owner)
    assert credentials.authority is not None  # without a label it is never left for later
    return SignedBy(credentials.authority)


def _label_of(target: Target, labels: dict[str, Label]) -> Label:
    label = labels.get(target.device_id)
    if label is None:
        raise BadLabel(f"there is no label of {target.device_id} in the file")
    if not label.matches(target.device_key):
        raise BadLabel(f"the key given for {target.device_id} is not the one on its label")
    return label


def order_document(order: SealedOrder) -> dict[str, Any]:
    """One order as JSON."""
    return {
        "order_id": order.order_id.hex(),
        "device_id": order.device_id,
        "networks": order.networks,
        "sequence": order.sequence,
        "expires_s": order.expires_s,
        "octets": len(order.data),
    }
