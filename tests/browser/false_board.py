"""What answers at the board's address and is no honest board: it says whatever a test wants.

The page is the real one, from the files that boards get; the answers of REST are made here, and
come through Playwright instead of a network, so that a test takes no time to set a board up.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cbor2
from playwright.async_api import BrowserContext, Locator, Page, Route

from firmware.crypto import pacing, x25519
from firmware.envelope import cose
from host_client import cbor
from tests.house.sources import PROJECT
from transports import contract as c

HOME = "http://192.168.4.1/"
NAMED = "kettle-0009"  # an id that says nothing of a key
POLICY = (  # as a board says it, see test_portal.py
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
KEY = bytes(range(1, 33))
OTHER_KEY = bytes(range(2, 34))
_PAGE = PROJECT / "firmware" / "page"
_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
_ROUTES = {path: operation for operation, (_, path) in c.REST_ROUTES.items()}
Fields = dict[int, Any]


def public_half(private_key: bytes) -> bytes:
    key: bytes = pacing.run(x25519.public_key(private_key))
    return key


def honest_id(private_key: bytes) -> str:
    """The id that belongs to a key."""
    return c.DERIVED_ID_PREFIX + hashlib.sha256(public_half(private_key)).hexdigest()[:16]


@dataclass
class FalseBoard:
    """`says`: what it answers to each operation, beside its status; a test changes it at will.

    `status`: another than OK, by operation; `missing`: files of the page that it does not have;
    `orders`: what it was sent.
    """

    private_key: bytes = KEY
    says: dict[int, Fields] = field(default_factory=dict)
    status: dict[int, int] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    orders: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # with the query
    away: bool = False  # nothing answers
    slow: set[str] = field(default_factory=set)  # files of the page that come after `go_on`
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.says = {operation: {} for operation in c.REST_ROUTES} | self.says
        self.says[c.INFO] = {
            c.F_PROTOCOL: c.PROTOCOL_VERSION,
            c.F_DEVICE_ID: honest_id(self.private_key),
            c.F_MODEL: "kettle",
            c.F_STATE: c.OPEN,
            c.F_POLICY: c.OPEN_POLICY,
            c.F_WINDOW_S: 500,
            c.F_ATTEMPTS: 10,
            c.F_NONCE: bytes(16),
            c.F_DEVICE_KEY: public_half(self.private_key),
            c.F_HOSTNAME: "kettle",
        } | self.says[c.INFO]
        self.says[c.SCAN] = {c.F_NETWORKS: [[b"Workshop", -48, 6, 3]], c.F_PAGES: 1} | self.says[
            c.SCAN
        ]
        self.says[c.STATUS] = {c.F_STATE: c.TRYING, c.F_STEP: c.JOINING} | self.says[c.STATUS]
        self.status.setdefault(c.RECEIPT, c.NO_RECEIPT)
        self.status.setdefault(c.PROVISION, c.ACCEPTED)

    async def join(self, context: BrowserContext) -> None:
        """Answer at every address."""
        await context.route(re.compile(".*"), self._answer)

    def info(self, **fields: Any) -> None:
        """Say something else of itself from now on: `policy=c.LABEL`."""
        self.says[c.INFO] |= {getattr(c, f"F_{name.upper()}"): fields[name] for name in fields}

    def ends(self, step: int, **fields: Any) -> None:
        """The order's status from now on."""
        named = {getattr(c, f"F_{name.upper()}"): fields[name] for name in fields}
        self.says[c.STATUS] = {c.F_STATE: c.OPEN, c.F_STEP: step, **named}

    def opened(self, number: int = -1) -> dict[int, Any]:
        """The claims of an order that it was sent, which is sealed to it."""
        sealed = self.orders[number]
        opened = cose.open_encrypt0(sealed, self.private_key, c.ORDER_CONTEXT)
        plain = pacing.run(opened).plaintext
        claims: dict[int, Any] = cbor2.loads(bytes(plain)).value
        return claims

    async def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        self.asked.append(f"{address.path}?{address.query}")
        if self.away or address.netloc != urlsplit(HOME).netloc:
            await route.abort()
        elif address.path in _ROUTES:
            await self._reply(route, _ROUTES[address.path], address.query)
        else:
            await self._serve(route, address.path)

    async def _reply(self, route: Route, operation: int, query: str) -> None:
        if operation == c.PROVISION:
            self.orders.append(route.request.post_data_buffer or b"")
        fields = {c.F_STATUS: self.status.get(operation, c.OK), **self.says[operation]}
        if operation == c.STATUS and "order=" in query:
            fields[c.F_ORDER_ID] = bytes.fromhex(query.partition("=")[2])
        await route.fulfill(
            body=cbor.encode(fields), headers={"Content-Type": c.CBOR_TYPE}, status=200
        )

    async def _serve(self, route: Route, path: str) -> None:
        name = "index.html" if path == "/" else path.lstrip("/")
        file = _PAGE / f"{name}.gz"
        if name in self.missing or not file.is_file():
            await route.fulfill(status=404, body="")
            return
        if name in self.slow:
            await self.go_on.wait()
        headers = {
            "Content-Type": _TYPES[Path(name).suffix],
            "Content-Security-Policy": POLICY,
        }
        await route.fulfill(body=gzip.decompress(file.read_bytes()), headers=headers)


class Seen:
    """The page of somebody who met it."""

    def __init__(self, page: Page, board: FalseBoard) -> None:
        self.page = page
        self.board = board

    def __call__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    async def look(self) -> None:
        """Take the phone up again: the page asks the board at once."""
        await self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    async def fill_in(self, ssid: str = "Workshop", password: str = "tin-opener-42") -> None:
        await self("#networks .option").filter(has_text=ssid).first.click()
        await self("#password").fill(password)
