"""The web application (ASGI) of a bootstrap server.

    GET  /v1/orders/{device id}   200 and the sealed order, or 204: there is none
    POST /v1/receipts             204: kept; 400 no receipt; 404 of no order here; 409 another came
    GET  /healthz                 200: the source answers

Anybody may ask for an order, and device ids can be guessed: an order is sealed to its board, so
what it tells is that there is one, and how long it is. A board that is not known gets the
same answer as one for which nothing is there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from host_client.bootstrap.errors import UnknownOrder
from host_client.bootstrap.rate import Rate
from host_client.bootstrap.sources import OrderSource
from host_client.errors import BadReceipt, ProvisioningError, status_name
from host_client.receipt import MAX_RECEIPT
from transports.contract import ORDER_TYPE

PER_MINUTE, IN_ALL = 120, 6000  # requests of one address, and of all, in a minute
BODY_S = 10.0  # for a receipt to come in
_MAX_DEVICE_ID = 32  # octets
_HEALTH_OF = "health check"  # no device has this id

_log = logging.getLogger("latchkey.bootstrap")
Handle = Callable[[Request], Awaitable[Response]]


def make_app(source: OrderSource, rate: Rate | None = None, under: str = "") -> Starlette:
    """The application over a source of orders. `rate`: by default PER_MINUTE and IN_ALL. `under`:
    what comes before every path, "" or "/fleet"."""
    server = _Server(source, rate or Rate(PER_MINUTE, IN_ALL))
    return Starlette(
        routes=[
            Route(
                under + "/v1/orders/{device_id:path}", server.guarded(server.order), methods=["GET"]
            ),
            Route(under + "/v1/receipts", server.guarded(server.receipt), methods=["POST"]),
            Route(under + "/healthz", server.guarded(server.health), methods=["GET"]),
        ]
    )


class _Server:
    def __init__(self, source: OrderSource, rate: Rate) -> None:
        self._source = source
        self._rate = rate

    def guarded(self, handle: Handle) -> Handle:
        """`handle` behind the rate limit; a source that fails answers 503 and is logged."""

        async def answer(request: Request) -> Response:
            address = request.client.host if request.client else ""
            if not self._rate.allows(address):
                return _text(429, "too many requests", {"Retry-After": "60"})
            try:
                return await handle(request)
            except ProvisioningError as error:
                _log.error("the source of orders failed: %s", _clean(error))
                return _text(503, "not now", {"Retry-After": "60"})

        return answer

    async def order(self, request: Request) -> Response:
        device_id = request.path_params["device_id"]
        if not 1 <= len(device_id.encode(errors="replace")) <= _MAX_DEVICE_ID:
            return Response(status_code=204)
        order = await run_in_threadpool(self._source.order_for, device_id)
        if order is None:
            _log.info("%s: nothing for it", _clean(device_id))
            return Response(status_code=204)
        _log.info("%s: its order, %d octets", _clean(device_id), len(order))
        return Response(order, media_type=ORDER_TYPE, headers={"Cache-Control": "no-store"})

    async def receipt(self, request: Request) -> Response:
        try:
            data = await asyncio.wait_for(_body(request), BODY_S)
        except (asyncio.TimeoutError, ClientDisconnect):
            return _text(408, "too slow")
        if data is None:
            return _text(413, "too long for a receipt")
        try:
            receipt = await run_in_threadpool(self._source.keep_receipt, data)
        except BadReceipt as error:
            _log.warning("refused a receipt: %s", _clean(error))
            return _text(400, "no receipt of this order")
        except UnknownOrder:
            _log.warning("refused a receipt of an order that is not kept here")
            return _text(404, "of no order here")
        _log.info(
            "%s: receipt, %s, %s", _clean(receipt.device_id), status_name(receipt.result),
            "checked" if receipt.verified else "not checked",
        )  # fmt: skip
        return Response(status_code=204)

    async def health(self, request: Request) -> Response:
        await run_in_threadpool(self._source.order_for, _HEALTH_OF)
        return _text(200, "ok")


async def _body(request: Request) -> bytes | None:
    """The request's body, None if it is longer than any receipt."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_RECEIPT:
            return None
    return body


def _text(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(text + "\n", status, headers=headers)


def _clean(value: object) -> str:
    """What came from outside, on one line and without what a terminal obeys."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(value)
    )
