"""BlueZ's D-Bus errors, and the ones it makes of ATT error codes (its src/gatt-client.c)."""

from __future__ import annotations

from tests.virtual_board.host_radio.bus_objects import BusError

_OF_ATT_CODES = {  # Core 5.4, Vol 3, Part F, 3.4.1.1
    0x02: ("NotPermitted", "Read not permitted"),
    0x03: ("NotPermitted", "Write not permitted"),
    0x05: ("NotPermitted", "Not paired"),
    0x06: ("NotSupported", "Operation is not supported"),
    0x07: ("InvalidArguments", "Invalid offset"),
    0x08: ("NotAuthorized", "Operation Not Authorized"),
    0x0C: ("NotPermitted", "Not paired"),
    0x0D: ("InvalidArguments", "Invalid Length"),
    0x0F: ("NotPermitted", "Not paired"),
}


def error(name: str, text: str) -> BusError:
    """One of org.bluez.Error."""
    return BusError(f"org.bluez.Error.{name}", text)


def att_error(code: int) -> BusError:
    """What a caller is told when the peer refused with this ATT error code."""
    name, text = _OF_ATT_CODES.get(
        code, ("Failed", f"Operation failed with ATT error: 0x{code:02x}")
    )
    return error(name, text)
