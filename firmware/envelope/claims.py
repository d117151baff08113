"""The claims of an order, decoded exactly as latchkey.cddl describes them.

Whatever is not in the CDDL is refused, unknown keys too: an order that this firmware does
not understand in full must not be obeyed in part. Claims are read only after the
signature over them has been checked.
"""

from firmware.envelope import cbor
from firmware.envelope.errors import CborError, MalformedOrder
from transports import contract

_DEPTH = 4  # claims, list of networks, network, its address
_ITEMS = 128
_COUNTRY_LENGTH = 2
_DIGEST_LENGTH = 32
_POINT_LENGTH = 32
_KTY_OKP, _KTY_EC2 = 1, 2  # RFC 9053 section 7
_CRV_P256, _CRV_ED25519 = 1, 6


class Order:
    """What an order asks for. None stands for what it leaves out.

    audience: str, device id. order_id, nonce: 16 octets. suite: COSE number. sequence:
    int. expires, issued: seconds since 1970. networks: list of Network, to be tried in
    turn. server: Server. device: Device. trust: Trust. app: up to 4,096 octets, opaque.
    kinds: list of the claims among them that bring settings.
    """

    def __init__(self, claims):
        self.audience = text(claims[contract.CLAIM_AUDIENCE], 1, 32)
        self.expires = maybe(claims, contract.CLAIM_EXPIRES, uint)
        self.issued = maybe(claims, contract.CLAIM_ISSUED, uint)
        length = contract.ORDER_ID_LENGTH
        self.order_id = _octets(claims[contract.CLAIM_ORDER_ID], length, length)
        length = contract.NONCE_LENGTH
        self.nonce = maybe(claims, contract.CLAIM_NONCE, _octets, length, length)
        self.suite = _one_of(
            claims[contract.CLAIM_SUITE], (contract.ALG_HPKE_3, contract.ALG_HPKE_4)
        )
        self.sequence = uint(claims[contract.CLAIM_SEQUENCE], contract.MAX_SEQUENCE)
        self.networks = maybe(claims, contract.CLAIM_NETWORKS, _networks) or []
        self.server = maybe(claims, contract.CLAIM_SERVER, Server)
        self.device = maybe(claims, contract.CLAIM_DEVICE, Device)
        self.app = maybe(claims, contract.CLAIM_APP, _octets, 0, contract.MAX_APP_DATA)
        self.trust = maybe(claims, contract.CLAIM_TRUST, Trust)
        self.kinds = [kind for kind in SETTINGS if kind in claims]


class Network:
    """A Wi-Fi network. ssid: 1 to 32 octets. key: passphrase of 8 to 63 octets, or 64 hex
    digits, or None for an open network. hidden: bool. static: Ipv4, or None for DHCP."""

    def __init__(self, fields):
        check_keys(fields, (1,), (2, 3, 4))
        self.ssid = _octets(fields[1], 1, 32)
        self.key = maybe(fields, 2, _network_key)
        self.hidden = maybe(fields, 3, _flag) or False
        self.static = maybe(fields, 4, Ipv4)


class Ipv4:
    """A static address. address, gateway, dns: 4 octets, the last two or None. prefix: int."""

    def __init__(self, fields):
        check_keys(fields, (1, 2), (3, 4))
        self.address = _octets(fields[1], 4, 4)
        self.prefix = uint(fields[2], 30)
        if self.prefix == 0:
            raise MalformedOrder("an integer is out of range")
        self.gateway = maybe(fields, 3, _octets, 4, 4)
        self.dns = maybe(fields, 4, _octets, 4, 4)


class Server:
    """The server to trust. url: str. pin: SHA-256 of its SubjectPublicKeyInfo.
    credentials: up to 512 octets. required: keep the order only if it can be reached."""

    def __init__(self, fields):
        check_keys(fields, (1,), (2, 3, 4))
        self.url = text(fields[1], 1, 256)
        self.pin = maybe(fields, 2, _octets, _DIGEST_LENGTH, _DIGEST_LENGTH)
        self.credentials = maybe(fields, 3, _octets, 0, 512)
        self.required = maybe(fields, 4, _flag) or False


class Device:
    """Settings of the device itself: name, hostname, country, time_zone, each str."""

    def __init__(self, fields):
        check_keys(fields, (), (1, 2, 3, 4))
        self.name = maybe(fields, 1, text, 0, 64)
        self.hostname = maybe(fields, 2, _hostname)
        self.country = maybe(fields, 3, _country)
        self.time_zone = maybe(fields, 4, text, 1, 64)


class Trust:
    """A change of whom the board obeys. owner_key, authority_key: octets of a COSE_Key.
    release: bool. policy: number of the contract, or None."""

    def __init__(self, fields):
        check_keys(fields, (), (1, 2, 3, 4))
        self.owner_key = maybe(fields, 1, cose_key)
        self.release = maybe(fields, 2, _flag) or False
        self.authority_key = maybe(fields, 3, cose_key)
        self.policy = maybe(fields, 4, _one_of, contract.TIGHTER)


_NEEDED = (
    contract.CLAIM_AUDIENCE,
    contract.CLAIM_ORDER_ID,
    contract.CLAIM_SUITE,
    contract.CLAIM_SEQUENCE,
)
SETTINGS = (
    contract.CLAIM_NETWORKS,
    contract.CLAIM_SERVER,
    contract.CLAIM_DEVICE,
    contract.CLAIM_APP,
)
_OPTIONAL = SETTINGS + (
    contract.CLAIM_EXPIRES,
    contract.CLAIM_ISSUED,
    contract.CLAIM_NONCE,
    contract.CLAIM_TRUST,
)


def decode_claims(payload):
    """The Order that ``payload``, the octets of a claims set, holds.

    Raises MalformedOrder; its text names no value.
    """
    try:
        claims = cbor.decode(payload, _DEPTH, (), True, _ITEMS)
    except CborError:
        raise MalformedOrder("not deterministic CBOR") from None
    check_keys(claims, _NEEDED, _OPTIONAL)
    return Order(claims)


def check_keys(fields, needed, optional):
    """Raises MalformedOrder unless fields is a map of the needed keys and only optional others."""
    if not isinstance(fields, dict):
        raise MalformedOrder("not a map")
    for key in needed:
        if key not in fields:
            raise MalformedOrder("a field is missing")
    for key in fields:
        if key not in needed and key not in optional:
            raise MalformedOrder("a field is unknown")


def maybe(fields, key, convert, *limits):
    """The converted field, or None where there is none."""
    return convert(fields[key], *limits) if key in fields else None


def _view(value, least, most):
    if not isinstance(value, memoryview):
        raise MalformedOrder("not a byte string")
    if not least <= len(value) <= most:
        raise MalformedOrder("a byte string's length is out of range")
    return value


def _octets(value, least, most):
    return bytes(_view(value, least, most))


def text(value, least, most):
    """A text string; its limits count octets, as .size does (RFC 8610 section 3.8.1)."""
    if not isinstance(value, str):
        raise MalformedOrder("not a text string")
    if not least <= len(value.encode("utf-8")) <= most:
        raise MalformedOrder("a text string's length is out of range")
    return value


def uint(value, most=0xFFFFFFFFFFFFFFFF):
    """A number from 0 to most."""
    # bool first: on CPython a bool is an int.
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedOrder("not an integer")
    if not 0 <= value <= most:
        raise MalformedOrder("an integer is out of range")
    return value


def _one_of(value, allowed):
    if uint(value) not in allowed:
        raise MalformedOrder("a number has no meaning here")
    return value


def _flag(value):
    if not isinstance(value, bool):
        raise MalformedOrder("not a boolean")
    return value


def _networks(value):
    if not isinstance(value, list):
        raise MalformedOrder("not a list")
    if not 1 <= len(value) <= contract.MAX_NETWORKS:
        raise MalformedOrder("number of networks")
    return [Network(fields) for fields in value]


def _network_key(value):
    key = _octets(value, 8, 64)
    if len(key) == 64:  # a pairwise master key in hex, not a passphrase
        for octet in key:
            if octet not in b"0123456789abcdefABCDEF":
                raise MalformedOrder("a key of 64 octets that are not hex digits")
    return key


def _hostname(value):
    """Letters, digits, hyphens (RFC 1123 section 2.1)."""
    for character in text(value, 1, 32):
        if not _is_letter(character) and character not in "0123456789-":
            raise MalformedOrder("hostname")
    return value


def _country(value):
    """Two capital letters (ISO 3166-1 alpha-2)."""
    for character in text(value, _COUNTRY_LENGTH, _COUNTRY_LENGTH):
        if not "A" <= character <= "Z":
            raise MalformedOrder("country")
    return value


def _is_letter(character):
    return "a" <= character <= "z" or "A" <= character <= "Z"


def cose_key(value):
    """The octets of a COSE_Key for Ed25519 or P-256, its shape checked (RFC 9053)."""
    encoded = _octets(value, 1, 128)
    try:
        key = cbor.decode(encoded, 1, (), True, 16)
    except CborError:
        raise MalformedOrder("public key") from None
    check_keys(key, (1, -1, -2), (3, -3))
    kind = (uint(key[1]), uint(key[-1]))
    coordinates = (-2,) if kind == (_KTY_OKP, _CRV_ED25519) else (-2, -3)
    if kind not in ((_KTY_OKP, _CRV_ED25519), (_KTY_EC2, _CRV_P256)):
        raise MalformedOrder("public key")
    check_keys(key, (1, -1) + coordinates, (3,))
    for name in coordinates:
        _view(key[name], _POINT_LENGTH, _POINT_LENGTH)
    if 3 in key and (isinstance(key[3], bool) or not isinstance(key[3], int)):
        raise MalformedOrder("public key")
    return encoded
