"""What the board and the host agree on: names, numbers, paths, limits.

Shared by both sides and by every transport; it runs on CPython and on MicroPython,
holds no behaviour, and changes only together with PROTOCOL.md and latchkey.cddl. What
people read instead of the numbers is in names.py, which a board loads only when asked.
"""

PROTOCOL_VERSION = 1

# --- Limits (octets, seconds) -----------------------------------------------------
MAX_MESSAGE = 8192  # one request or one reply, over any transport
MAX_NETWORKS = 5
MAX_APP_DATA = 4096
ORDER_ID_LENGTH = 16
NONCE_LENGTH = 16
SCAN_PAGE_LENGTH = 16  # networks in one page

# --- Operations: the first octet of a BLE request, the path of a REST request ------
INFO = 1
SCAN = 2
PROVISION = 3
STATUS = 4
RECEIPT = 5
IDENTIFY = 6

REST_ROUTES = {
    INFO: ("GET", "/v1/info"),
    SCAN: ("GET", "/v1/scan"),
    PROVISION: ("POST", "/v1/provision"),
    STATUS: ("GET", "/v1/status"),
    RECEIPT: ("GET", "/v1/receipt"),
    IDENTIFY: ("POST", "/v1/identify"),
}
CBOR_TYPE = "application/cbor"
ORDER_TYPE = "application/cose"
JSON_TYPE = "application/json"
SCAN_FRESH = 0x80  # bit of the scan request's page octet: look again before answering

# --- GATT --------------------------------------------------------------------------
SERVICE_UUID = "7c1e0001-4b1d-4c8e-9f3a-6c617463686b"
REQUEST_UUID = "7c1e0002-4b1d-4c8e-9f3a-6c617463686b"  # write, write without response
RESPONSE_UUID = "7c1e0003-4b1d-4c8e-9f3a-6c617463686b"  # notify
STATUS_UUID = "7c1e0004-4b1d-4c8e-9f3a-6c617463686b"  # read, notify
DERIVED_ID_PREFIX = "lk-"  # of a device id that is the start of its key's SHA-256, in hex
NAME_PREFIX = "Latchkey-"  # of the access point and of the advertisement

# --- Fields of a reply (keys of its CBOR map; FIELD_NAMES of names.py) -----------------------
F_STATUS = 0
F_PROTOCOL = 1
F_DEVICE_ID = 2
F_MODEL = 3
F_FIRMWARE = 4
F_STATE = 5
F_POLICY = 6
F_WINDOW_S = 7
F_ATTEMPTS = 8
F_NONCE = 9
F_DEVICE_KEY = 10
F_CERTIFICATE = 11
F_SUITES = 12
F_TRANSPORTS = 13
F_MAX_MESSAGE = 14
F_SEQUENCE = 15
F_NOTES = 16
F_NETWORKS = 17
F_PAGE = 18
F_PAGES = 19
F_ORDER_ID = 20
F_STEP = 21
F_NETWORK = 22
F_REASON = 23
F_ADDRESS = 24
F_RESULT = 25
F_RECEIPT = 26
F_SCAN_AGE_S = 27
F_PROFILE = 28
F_OWNED = 29
F_HOSTNAME = 30

# --- States and steps ----------------------------------------------------------------
FACTORY, READY, OPEN, TRYING, PROVISIONED, TAMPERED = range(6)

IDLE, JOINING, ADDRESSING, REACHING, COMMITTING, DONE, FAILED = range(7)

# --- Policies --------------------------------------------------------------------------
SIGNED, LABEL, FIRST_USE, OPEN_POLICY = range(4)
# From loose to tight: an order may move a board to the right, never to the left.
TIGHTER = (OPEN_POLICY, FIRST_USE, LABEL, SIGNED)

# --- Profiles: what a physical reset keeps, and whether ownership changes in the field -------
COMMERCIAL, CONSUMER, PROTOTYPE = range(3)

# --- Status codes: the same over every transport -------------------------------------------
OK = 0
ACCEPTED = 1
BAD_REQUEST = 10
TOO_LARGE = 11
UNKNOWN_OPERATION = 12
BUSY = 13
WINDOW_SHUT = 14
ATTEMPTS_SPENT = 15
TOO_SLOW = 16
NO_RECEIPT = 17
NOT_AUTHENTIC = 20
MALFORMED_ORDER = 21
WRONG_DEVICE = 22
REPLAYED = 23
STALE = 24
EXPIRED = 25
FORBIDDEN = 26
NETWORK_NOT_FOUND = 30
WRONG_PASSWORD = 31
NO_ADDRESS = 32
JOIN_TIMEOUT = 33
JOIN_REFUSED = 34
SECURITY_MISMATCH = 35
SERVER_UNREACHABLE = 36
TIME_SPENT = 37
STORE_FAILED = 40
OUT_OF_MEMORY = 41
INTERNAL = 50

# The HTTP status of what is not 200. The code in the body is what counts.
HTTP_STATUS = {
    ACCEPTED: 202,
    BAD_REQUEST: 400,
    TOO_LARGE: 413,
    UNKNOWN_OPERATION: 404,
    BUSY: 409,
    WINDOW_SHUT: 403,
    ATTEMPTS_SPENT: 403,
    TOO_SLOW: 408,
    NO_RECEIPT: 404,
    NOT_AUTHENTIC: 403,
    MALFORMED_ORDER: 422,
    WRONG_DEVICE: 403,
    REPLAYED: 409,
    STALE: 409,
    EXPIRED: 403,
    FORBIDDEN: 403,
    STORE_FAILED: 500,
    OUT_OF_MEMORY: 503,
    INTERNAL: 500,
}

# --- Claims of an order (CWT: RFC 8392, EAT nonce: RFC 9711, ours: private use) ------------
CLAIM_AUDIENCE = 3
CLAIM_EXPIRES = 4
CLAIM_ISSUED = 6
CLAIM_ORDER_ID = 7
CLAIM_NONCE = 10
CLAIM_SUITE = -65537
CLAIM_SEQUENCE = -65538
CLAIM_NETWORKS = -65539
CLAIM_SERVER = -65540
CLAIM_DEVICE = -65541
CLAIM_APP = -65542
CLAIM_TRUST = -65543
CLAIM_SUBJECT = 2  # of a certificate: whom it is about (RFC 8392 section 3.1.2)
CLAIM_CONFIRMATION = 8  # of a certificate: {1: COSE_Key} (RFC 8747 section 3.1)
CLAIM_LIMITS = -65545  # of an installer certificate
CLAIM_MODEL = -65546  # of a device certificate
CLAIM_SERIAL = -65547  # of a device certificate
MAX_SEQUENCE = (1 << 53) - 1

# --- COSE (RFC 9052, RFC 9053, draft-ietf-cose-hpke) ------------------------------------------
ALG_EDDSA = -8
ALG_ED25519 = -19
ALG_ES256 = -7
ALG_ESP256 = -9
ALG_HMAC_256 = 5
ALG_HPKE_3 = 41  # X25519, HKDF-SHA256, AES-128-GCM
ALG_HPKE_4 = 42  # X25519, HKDF-SHA256, ChaCha20-Poly1305

# Bound into every signature, seal and receipt (external_aad), so that a message made for
# one purpose, or by another protocol with the same key, never passes for another.
ORDER_CONTEXT = b"latchkey/1 order"
RECEIPT_CONTEXT = b"latchkey/1 receipt"
INSTALLER_CONTEXT = b"latchkey/1 installer"
DEVICE_CONTEXT = b"latchkey/1 device"
HEADER_INSTALLER = -65544  # protected header of a signed order: the installer's certificate
# Exporter contexts of the order's HPKE context (RFC 9180 section 5.3).
EXPORT_RECEIPT_KEY = b"latchkey/1 receipt key"
EXPORT_DIGEST_KEY = b"latchkey/1 settings digest key"
# The pre-shared key of policy `label`: HKDF-SHA256 (RFC 5869) of the code's 20 characters, with
# this salt and the device id as info; 32 octets.
LABEL_SALT = b"latchkey/1 label"
LABEL_PSK_ID = b"label"
LABEL_KEY_LENGTH = 32

# --- Receipt (COSE_Mac0 payload) -----------------------------------------------------------------
R_ORDER_ID = 1
R_DEVICE_ID = 2
R_RESULT = 3
R_DIGEST = 4  # HMAC-SHA256 under the digest key over the order's claims, as signed
R_ADDRESS = 5
R_NETWORK = 6  # index of the network that was joined
