"""What can go wrong with a bootstrap server."""

from __future__ import annotations

from host_client.errors import ProvisioningError


class BootstrapError(ProvisioningError):
    """The bootstrap server cannot be started as asked."""

    kind = "bootstrap"
    exit_code = 18


class UnknownOrder(BootstrapError):
    """A receipt of an order that is not kept here."""

    kind = "unknown_order"
