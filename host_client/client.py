"""A board as the host sees it, over any link.

async with connect("http://192.168.4.1", authority=authority) as board:
    outcome = await board.provision(settings)
"""

from __future__ import annotations

from dataclasses import replace

from host_client.authority import Authority
from host_client.board_client import CALL_TIMEOUT_S, TRY_S, Board
from host_client.credentials import Credentials
from host_client.known_boards import KnownBoards
from host_client.label import Label, read_label
from host_client.links.base import LinkOptions, RadioBackend, open_link
from host_client.trust import Trust

__all__ = ["CALL_TIMEOUT_S", "TRY_S", "Board", "connect"]


def connect(
    url: str,
    *,
    authority: Authority | None = None,
    owner: Authority | None = None,
    label: Label | str | None = None,
    first_use: bool = False,
    allow_open: bool = False,
    credentials: Credentials | None = None,
    device_key: str | bytes | None = None,
    manufacturer: bytes | None = None,
    known_boards: KnownBoards | None = None,
    backend: RadioBackend | None = None,
    timeout_s: float = CALL_TIMEOUT_S,
    link_options: LinkOptions | None = None,
) -> Board:
    """A board by its URL (`http://192.168.4.1`, `ble://Latchkey-1A2B`), to be used in `async with`.

    What to prove an order with; the board's policy says which of it is used, and an unsigned
    order is made only for who asks for it (see credentials.py):

    - `authority`: a provisioning key, or an installer's with its certificate;
    - `owner`: the key of the board's owner; with `first_use` it becomes that;
    - `label`: a Label, its text, or only its code;
    - `allow_open`: the board may be one that takes orders from anybody;
    - `credentials`: all that at once, instead.

    Who vouches for the board's key: `device_key` (32 octets or hex, or `sha256:...`), the label,
    or a certificate by `manufacturer` (encoded COSE_Key); without any of them the key is looked
    up in, or on first meeting added to, `known_boards`. `timeout_s` is the total time of one
    call other than `provision`. Raises LinkError for an unusable URL, UntrustedBoard for an
    unreadable `device_key`, BadLabel, and AuthorityError for a `manufacturer` that is no key.
    """
    if isinstance(label, str):
        whole, code = read_label(label)
    else:
        whole, code = label, label.code if label else None
    given = credentials or Credentials(authority, owner, code, first_use, allow_open)
    options = link_options or LinkOptions()
    # Less than the whole time, so that "not found" is told as such and not as "out of time".
    connect_s = min(options.connect_timeout_s, timeout_s * 0.8)
    options = replace(options, connect_timeout_s=connect_s, backend=backend or options.backend)
    trust = Trust(device_key, known_boards or KnownBoards(), label=whole, manufacturer=manufacturer)
    return Board(open_link(url, options), trust, given, timeout_s)
