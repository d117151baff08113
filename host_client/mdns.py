"""Names of boards on the local network: multicast DNS (RFC 6762), addresses only."""

from __future__ import annotations

import asyncio
import re

import zeroconf
from zeroconf import AddressResolverIPv4  # type: ignore[attr-defined]  # not in its __all__
from zeroconf.asyncio import AsyncZeroconf

from host_client.errors import LinkError

SUFFIX = ".local"
_HOSTNAME = re.compile(r"[A-Za-z0-9-]{1,32}")


def is_hostname(text: str) -> bool:
    """Whether a board may be called so (RFC 1123 section 2.1, 32 characters at most)."""
    return _HOSTNAME.fullmatch(text) is not None


async def addresses_of(hostname: str, timeout_s: float) -> list[str]:
    """The IPv4 addresses that answer to `hostname`.local within the time; none if nobody does.

    Whoever is on the network can answer: an address proves nothing. Raises LinkError where
    this computer is on no network.
    """
    if not is_hostname(hostname):
        return []
    resolver = AddressResolverIPv4(f"{hostname.lower()}{SUFFIX}.")
    try:
        asker = AsyncZeroconf(ip_version=zeroconf.IPVersion.V4Only)
        try:
            await resolver.async_request(asker.zeroconf, timeout_s * 1000)
        finally:
            await _close(asker)
    except (OSError, zeroconf.Error) as error:
        raise LinkError(f"no multicast DNS: {error or type(error).__name__}") from error
    return [str(address) for address in resolver.parsed_addresses(zeroconf.IPVersion.V4Only)]


async def _close(asker: AsyncZeroconf) -> None:
    """To the end, also for who is canceled meanwhile: its sockets would stay open."""
    closing = asyncio.ensure_future(asker.async_close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise
