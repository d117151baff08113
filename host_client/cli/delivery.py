"""Making one order for a board that is here, handing it over, and seeing it through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from host_client.authority import Authority
from host_client.cli import documents
from host_client.cli.output import Output, ssid_text
from host_client.cli.progress import ProvisionProgress
from host_client.cli.proof_input import Means
from host_client.cli.views import show_receipt
from host_client.client import connect
from host_client.errors import Refused, TrialFailed
from host_client.order import SealedOrder
from host_client.outcome import Outcome
from host_client.pending import PendingSecrets
from host_client.proof import Anybody
from host_client.settings import Settings
from transports.contract import NO_RECEIPT


async def give(
    out: Output, board: str, settings: Settings, means: Means, timeout_s: float | None = None
) -> dict[str, Any]:
    """Provision one board with progress for people; returns the JSON result."""
    names = tuple(ssid_text(network.ssid) for network in settings.networks)
    with ProvisionProgress(out, names) as progress:
        progress.joins = bool(names)
        outcome = await _Delivery(out, board, means, progress).run(settings, timeout_s)
    show_receipt(out, outcome.receipt, names)
    return documents.outcome_document(outcome)


class _Delivery:
    """One order on its way; the secret that checks its receipt is kept until it has."""

    def __init__(self, out: Output, board: str, means: Means, progress: ProvisionProgress) -> None:
        self._out = out
        self._board = board
        self._means = means
        self._progress = progress
        self._pending = PendingSecrets()
        self._sealed: list[bytes] = []

    async def run(self, settings: Settings, timeout_s: float | None) -> Outcome:
        progress, means = self._progress, self._means
        progress.begin(f"connecting to {self._board}", 0)
        async with connect(
            self._board,
            credentials=replace(means.credentials, default_authority=self._default_authority()),
            label=means.label,
            device_key=means.device_key,
            manufacturer=means.manufacturer,
        ) as link:
            progress.finish(f"connected to {self._board}")
            progress.begin("reading the board's key and making the order", 1)
            try:
                outcome = await link.provision(
                    settings,
                    timeout_s=timeout_s,
                    on_sealed=self._on_sealed,
                    on_status=progress.on_status,
                    on_lost=progress.on_lost,
                )
            except (Refused, TrialFailed) as failure:
                if _is_settled(failure):
                    for order_id in self._sealed:
                        self._pending.drop(order_id)
                raise
            progress.finish("receipt checked")
        self._pending.drop(outcome.order_id)
        return outcome

    def _on_sealed(self, order: SealedOrder) -> None:
        if order.secret is not None:
            self._pending.keep(order.secret)
            self._sealed.append(order.order_id)
        if order.description == Anybody.description:
            self._out.note(
                "The board obeys anybody in reach while its window is open, and this order is "
                "unsigned: nothing tells that it is yours."
            )
        self._progress.finish(f"{order.description}, sealed to {order.device_id}")
        self._progress.begin("handing the order over", 2)

    def _default_authority(self) -> Any:
        """Loading the key may ask for its passphrase: the progress must not write meanwhile."""
        load = self._means.credentials.default_authority
        if load is None:
            return None

        def quietly() -> Authority:
            with self._progress.paused():
                return load()

        return quietly


def _is_settled(failure: Refused | TrialFailed) -> bool:
    """Whether no receipt of the order is left to be checked later."""
    if isinstance(failure, TrialFailed):
        return failure.proven
    return failure.status != NO_RECEIPT
