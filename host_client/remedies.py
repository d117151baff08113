"""What a person can do about each status of the table (transports/contract.py)."""

from __future__ import annotations

from transports import contract as c

REMEDIES: dict[int, str] = {
    c.BAD_REQUEST: "Host and board may be of different versions: compare `latchkey info`.",
    c.TOO_LARGE: "Shorten the order: fewer networks, or less application data.",
    c.UNKNOWN_OPERATION: "The board's firmware is older than this host: update one of them.",
    c.BUSY: "Another order is being tried. Wait for it (`latchkey status`), then try again.",
    c.WINDOW_SHUT: "Hold the board's button until its light blinks, then try again.",
    c.ATTEMPTS_SPENT: "Too many wrong orders in this window. Hold the button to open a new one.",
    c.TOO_SLOW: "The request took too long to arrive. Come closer and try again.",
    c.NO_RECEIPT: "The board has no receipt for this order: it was never kept. Send it again.",
    c.NOT_AUTHENTIC: (
        "The order is sealed to another board's key, or not proved as this board wants it: by its "
        "authority or owner, or by its label. `latchkey info` shows its policy; compare the "
        "device key, authority, installer's certificate or label code with the board's own."
    ),
    c.MALFORMED_ORDER: (
        "The board could not read the order: host and board may be of different versions."
    ),
    c.WRONG_DEVICE: "The order is for another board. Check the device id.",
    c.REPLAYED: "This order was used before. Make a new one.",
    c.STALE: "The order is older than one the board took, or of an earlier window. Make a new one.",
    c.EXPIRED: "The order, or its installer's certificate, has expired. Make a new one.",
    c.FORBIDDEN: (
        "The board's policy does not allow what the order asks for, or its installer's certificate "
        "does not cover it. See the table of policies in the README."
    ),
    c.NETWORK_NOT_FOUND: (
        "The board does not see this network. Check the name with `latchkey scan`; "
        "it must be 2.4 GHz, and a hidden one must be marked hidden."
    ),
    c.WRONG_PASSWORD: "Probably the wrong Wi-Fi password (boards cannot be sure). Type it again.",
    c.NO_ADDRESS: "The board joined but got no address: look at the router's DHCP server.",
    c.JOIN_TIMEOUT: "Joining took too long. Move the board nearer to the access point, then retry.",
    c.JOIN_REFUSED: "The access point turned the board away: check its filters and client limit.",
    c.SECURITY_MISMATCH: (
        "The network's security is not what the order expects: check for WPA3-only or "
        "enterprise mode, or a missing password."
    ),
    c.SERVER_UNREACHABLE: (
        "The board joined but cannot reach the server: check its URL and the firewall."
    ),
    c.TIME_SPENT: "The time for all tries is over. Hold the button and send the order again.",
    c.STORE_FAILED: "The board could not write its flash: it may be full or worn out.",
    c.OUT_OF_MEMORY: "The board ran out of memory. Restart it and try one transport only.",
    c.INTERNAL: "A fault in the board's firmware. Restart it; if it stays, report it with its log.",
}


def remedy_for(status: int) -> str:
    """The advice for a status code; a general one for a code that this version does not know."""
    return REMEDIES.get(status, "This host does not know that status: update it.")
