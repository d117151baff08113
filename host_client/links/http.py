"""HTTP to the board's access point (or to wherever its REST endpoint is)."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

import httpx

from host_client import mdns
from host_client.errors import BoardNotFound, LinkError, LinkTimeout
from host_client.links.base import Link, LinkOptions, Sighting
from transports import contract as c

log = logging.getLogger("latchkey.link.http")

DEFAULT_URL = "http://192.168.4.1"  # the address of an ESP32 in its own access point
POLL_S = 0.3  # between two questions for the status
_LOOK_UP_S = 3.0  # for a name of multicast DNS
_CONNECT_S = 8.0  # at most: a board is a hop away, if it is there (a scan blocks it for 3 s)


class HttpLink(Link):
    """One request a connection: the board serves four at most, and none is kept open."""

    def __init__(
        self, url: str, options: LinkOptions, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.username or parts.query:
            raise LinkError(f"an access point's address looks like {DEFAULT_URL}")
        self.url = url.rstrip("/")
        self.rest_port = parts.port or 80
        self._connect_s = min(options.connect_timeout_s, _CONNECT_S)
        self._exchange_s = options.exchange_timeout_s
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def open(self) -> None:
        if self._client is None:
            base_url = await self._resolved()
            # trust_env: a proxy of the office network must not get the request.
            self._client = httpx.AsyncClient(
                base_url=base_url,
                headers={"Accept": c.CBOR_TYPE, "Connection": "close"},
                timeout=httpx.Timeout(self._exchange_s, connect=self._connect_s),
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
                follow_redirects=False,
                trust_env=False,
                transport=self._transport,
            )

    async def _resolved(self) -> str:
        """The URL, with an address in place of a board's name.local: not every system knows
        multicast DNS. Raises BoardNotFound."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if not host.endswith(mdns.SUFFIX):
            return self.url
        addresses = await mdns.addresses_of(host.removesuffix(mdns.SUFFIX), _LOOK_UP_S)
        if not addresses:
            raise BoardNotFound(f"nobody on this network answers to {host}")
        return f"http://{addresses[0]}:{self.rest_port}{parts.path}"

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def exchange(self, operation: int, body: bytes = b"") -> bytes:
        if self._client is None:
            raise LinkError("the link is not open")
        limit_s = self._connect_s + self._exchange_s
        try:
            return await asyncio.wait_for(self._request(self._client, operation, body), limit_s)
        except (httpx.TimeoutException, asyncio.TimeoutError) as error:
            await self.close()
            raise LinkTimeout(f"{self.url} did not answer in time") from error
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            await self.close()
            raise LinkError(f"{self.url}: {error or type(error).__name__}") from error
        except LinkError:
            await self.close()
            raise

    async def _request(self, client: httpx.AsyncClient, operation: int, body: bytes) -> bytes:
        method, path = c.REST_ROUTES[operation]
        query, content, headers = _spell(operation, body)
        request = client.build_request(method, path, params=query, content=content, headers=headers)
        response = await client.send(request, stream=True)
        try:
            reply = bytearray()
            async for chunk in response.aiter_raw():
                reply += chunk
                if len(reply) > c.MAX_MESSAGE:
                    raise LinkError(f"{self.url} answers with more than {c.MAX_MESSAGE} octets")
        finally:
            await response.aclose()
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        log.debug("%s %s: %d, %d octets", method, path, response.status_code, len(reply))
        if media_type != c.CBOR_TYPE:
            raise LinkError(
                f"{self.url} answers {response.status_code} with {media_type or 'no type'}, "
                f"not {c.CBOR_TYPE}: is this the board's access point?"
            )
        return bytes(reply)

    async def wait_for_change(self, timeout_s: float) -> None:
        await asyncio.sleep(min(timeout_s, POLL_S))


def _spell(operation: int, body: bytes) -> tuple[dict[str, str], bytes | None, dict[str, str]]:
    """(query, content, headers) of a request whose body over BLE would be `body`."""
    if operation == c.PROVISION:
        return {}, body, {"Content-Type": c.ORDER_TYPE}
    if operation == c.SCAN and body:
        fresh = {"fresh": "1"} if body[0] & c.SCAN_FRESH else {}
        return {"page": str(body[0] & ~c.SCAN_FRESH), **fresh}, None, {}
    if operation in (c.STATUS, c.RECEIPT) and body:
        return {"order": body.hex()}, None, {}
    return {}, None, {}


def open_link(url: str, options: LinkOptions) -> HttpLink:
    """Raises LinkError for an address that is none."""
    return HttpLink(url, options)


async def find_boards(options: LinkOptions) -> list[Sighting]:
    """Which of the given addresses (default: that of an ESP32's access point) answer at all."""
    urls = [url for url in options.urls if url.startswith("http://")] or [DEFAULT_URL]
    found = await asyncio.gather(*(_try_address(url, options) for url in urls))
    return [sighting for sighting in found if sighting is not None]


async def _try_address(url: str, options: LinkOptions) -> Sighting | None:
    hurried = LinkOptions(
        connect_timeout_s=options.scan_timeout_s, exchange_timeout_s=options.scan_timeout_s
    )
    try:
        async with HttpLink(url, hurried) as link:
            await link.exchange(c.INFO)
    except LinkError as error:
        log.debug("no board at %s: %s", url, error)
        return None
    return Sighting(url=url.rstrip("/"), name=urlsplit(url).hostname or url)
