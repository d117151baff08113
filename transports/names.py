"""Names for the numbers of contract.py, for people: JSON replies, logs and the host's words.

Apart from the numbers because a board has little memory and seldom needs them.
"""

from transports import contract as c

# The fields of a reply, by their number (F_* of contract.py).
FIELD_NAMES = (
    "status", "protocol", "device_id", "model", "firmware", "state", "policy",
    "window_s", "attempts", "nonce", "device_key", "certificate", "suites",
    "transports", "max_message", "sequence", "notes", "networks", "page", "pages",
    "order_id", "step", "network", "reason", "address", "result", "receipt",
    "scan_age_s", "profile", "owned", "hostname",
)  # fmt: skip

STATE_NAMES = ("factory", "ready", "open", "trying", "provisioned", "tampered")
STEP_NAMES = ("idle", "joining", "addressing", "reaching", "committing", "done", "failed")
POLICY_NAMES = ("signed", "label", "first-use", "open")
PROFILE_NAMES = ("commercial", "consumer", "prototype")

# Wi-Fi security as the board sees it (network.WLAN.SEC_* of MicroPython 1.24).
SECURITY_NAMES = {
    0: "open", 1: "WEP", 2: "WPA", 3: "WPA2", 4: "WPA/WPA2", 5: "WPA2-Enterprise",
    6: "WPA3", 7: "WPA2/WPA3", 8: "WAPI", 9: "OWE",
}  # fmt: skip

STATUS_NAMES = {
    c.OK: "ok",
    c.ACCEPTED: "accepted",
    c.BAD_REQUEST: "bad_request",
    c.TOO_LARGE: "too_large",
    c.UNKNOWN_OPERATION: "unknown_operation",
    c.BUSY: "busy",
    c.WINDOW_SHUT: "window_shut",
    c.ATTEMPTS_SPENT: "attempts_spent",
    c.TOO_SLOW: "too_slow",
    c.NO_RECEIPT: "no_receipt",
    c.NOT_AUTHENTIC: "not_authentic",
    c.MALFORMED_ORDER: "malformed_order",
    c.WRONG_DEVICE: "wrong_device",
    c.REPLAYED: "replayed",
    c.STALE: "stale",
    c.EXPIRED: "expired",
    c.FORBIDDEN: "forbidden",
    c.NETWORK_NOT_FOUND: "network_not_found",
    c.WRONG_PASSWORD: "wrong_password",
    c.NO_ADDRESS: "no_address",
    c.JOIN_TIMEOUT: "join_timeout",
    c.JOIN_REFUSED: "join_refused",
    c.SECURITY_MISMATCH: "security_mismatch",
    c.SERVER_UNREACHABLE: "server_unreachable",
    c.TIME_SPENT: "time_spent",
    c.STORE_FAILED: "store_failed",
    c.OUT_OF_MEMORY: "out_of_memory",
    c.INTERNAL: "internal",
}
