"""What boards and receipts look like on a terminal."""

from __future__ import annotations

from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from host_client.board import BoardInfo, SeenNetwork, Status
from host_client.cli.output import Output, clean, ssid_text
from host_client.discovery import Discovery
from host_client.errors import status_name
from host_client.fingerprint import short
from host_client.receipt import Receipt
from transports.contract import OK

_BARS = (-55, -67, -75, -85)  # dBm for four, three, two bars and one


def plain_table(*headings: str, right: tuple[str, ...] = (), whole: tuple[str, ...] = ()) -> Table:
    """A table without lines; the columns named in `right` hold numbers, those in `whole` are not
    folded, however narrow the terminal is."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 3, 0, 0))
    for heading in headings:
        justify: JustifyMethod = "right" if heading in right else "left"
        table.add_column(heading, justify=justify, overflow="fold", no_wrap=heading in whole)
    return table


def show_receipt(out: Output, found: Receipt, networks: tuple[str, ...] = ()) -> None:
    """Print what a receipt says and whether it was checked; `networks`: names, if known."""
    checked = (
        Text("checked: this board opened this order", style="green")
        if found.verified
        else Text(
            "not checked here: the order was made elsewhere, or its receipt checked before",
            style="yellow",
        )
    )
    result = "settings kept" if found.result == OK else status_name(found.result)
    rows: list[tuple[str, object]] = [
        ("proof", checked),
        ("result", result),
        ("board", found.device_id),
        ("order", found.order_id.hex()),
        ("address", found.address),
        ("network", _network(found, networks)),
    ]
    out.facts("Receipt", rows)


def _network(found: Receipt, names: tuple[str, ...]) -> str | None:
    if found.network is None:
        return None
    if 0 <= found.network < len(names):
        return names[found.network]
    return f"number {found.network + 1} of the order"


def show_status(out: Output, now: Status) -> None:
    """Print a status."""
    rows: list[tuple[str, object]] = [
        ("state", now.state_name),
        ("step", now.step_name),
        ("result", None if now.result is None else status_name(now.result)),
        ("raw reason", now.reason or None),
        ("address", now.address),
        ("order", now.order_id.hex() if now.order_id else None),
    ]
    out.facts("Status", rows)


def show_info(out: Output, found: BoardInfo, *, certified: bool = False) -> None:
    """Print a descriptor. `certified`: its certificate was checked, and is the manufacturer's."""
    minutes, seconds = divmod(found.window_s, 60)
    rows: list[tuple[str, object]] = [
        ("model", found.model),
        ("firmware", found.firmware),
        ("state", _state_text(found)),
        ("window", f"{minutes}:{seconds:02} left" if found.window_s else "shut"),
        ("attempts left", found.attempts if found.window_s else None),
        ("policy", found.policy_name),
        ("profile", found.profile_name),
        ("owner", {None: None, True: "has one", False: "none yet"}[found.owned]),
        ("key", short(found.fingerprint)),
        ("certificate", _certificate_text(found, certified)),
        ("hostname", found.hostname),
        ("transports", ", ".join(str(name) for name in found.transports)),
        ("note", "; ".join(found.notes)),
    ]
    out.facts(found.device_id, rows)


def _certificate_text(found: BoardInfo, certified: bool) -> str | None:
    if found.certificate is None:
        return None
    return "the manufacturer's" if certified else "there is one (not checked: --manufacturer)"


def _state_text(found: BoardInfo) -> Text:
    styles = {"open": "green", "trying": "yellow", "provisioned": "blue"}
    return Text(found.state_name, style=styles.get(found.state_name, ""))


def _bars(rssi_dbm: int) -> Text:
    strength = sum(rssi_dbm >= limit for limit in _BARS)
    style = ("red", "red", "yellow", "green", "green")[strength]
    return Text("▂▄▆█"[:strength].ljust(4, "·"), style=style)


def scan_table(networks: list[SeenNetwork]) -> Table:
    """The networks that a board sees."""
    headings = ("Network", "", "dBm", "Channel", "Security")
    table = plain_table(*headings, right=("dBm", "Channel"))
    for network in networks:
        table.add_row(
            Text(ssid_text(network.ssid), style="bold"),
            _bars(network.rssi_dbm),
            str(network.rssi_dbm),
            str(network.channel),
            network.security_name,
        )
    return table


def discovery_table(found: Discovery) -> Table:
    """The boards in reach."""
    table = plain_table("Board", "Device", "State", "Window", "Signal")
    for entry in found.boards:
        about = entry.info
        table.add_row(
            Text(clean(entry.url), style="bold"),
            Text(clean(about.device_id if about else entry.trouble or "")),
            _state_text(about) if about else "",
            f"{about.window_s // 60}:{about.window_s % 60:02}" if about else "",
            "" if entry.rssi_dbm is None else _bars(entry.rssi_dbm),
        )
    return table
