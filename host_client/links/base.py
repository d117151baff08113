"""What a link is: something that carries one request to a board and its reply back."""

from __future__ import annotations

import abc
import importlib
import pkgutil
from dataclasses import dataclass, field
from types import ModuleType, TracebackType
from typing import Any, NamedTuple

import host_client.links
from host_client.errors import LinkError


class RadioBackend(NamedTuple):
    """Classes for bleak's `backend=`, in place of the platform's own (None: the platform's)."""

    client: type[Any] | None = None
    scanner: type[Any] | None = None


@dataclass(frozen=True)
class LinkOptions:
    """Seconds allowed to connect, and for one exchange; where to look; which radio."""

    connect_timeout_s: float = 20.0
    exchange_timeout_s: float = 15.0
    scan_timeout_s: float = 6.0
    urls: tuple[str, ...] = ()
    backend: RadioBackend = field(default_factory=RadioBackend)


@dataclass(frozen=True)
class Sighting:
    """A board seen on one medium; `rssi_dbm` where the medium has it."""

    url: str
    name: str
    rssi_dbm: int | None = None


class Link(abc.ABC):
    """One board over one medium.

    It moves octets and knows nothing of orders. Every method raises LinkError (or one of its
    kinds) and nothing else for what the medium does; after a LinkError the link is closed and
    may be opened again. One exchange at a time.
    """

    url: str
    rest_port: int = 80  # of the board's REST endpoint, also on the network that it joins

    @abc.abstractmethod
    async def open(self) -> None:
        """Connect. Does nothing on an open link."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Let go. Never raises; does nothing on a closed link."""

    @abc.abstractmethod
    async def exchange(self, operation: int, body: bytes = b"") -> bytes:
        """Send one request (operation of the contract, and body); return the reply's octets."""

    @abc.abstractmethod
    async def wait_for_change(self, timeout_s: float) -> None:
        """Return when the board's status may have changed, at the latest after `timeout_s`."""

    async def __aenter__(self) -> Link:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def open_link(url: str, options: LinkOptions) -> Link:
    """The link for a URL, not opened yet. Raises LinkError for a scheme that no module serves."""
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if scheme not in schemes():
        known = ", ".join(f"{name}://" for name in schemes())
        unknown = LinkError(f"a board's address begins with one of {known}: not {url!r}")
        unknown.remedy = "Such as ble://Latchkey-1A2B, or http://192.168.4.1 on the board's Wi-Fi."
        raise unknown
    link: Link = link_module(scheme).open_link(url, options)
    return link


def schemes() -> list[str]:
    """The schemes that links exist for."""
    found = pkgutil.iter_modules(host_client.links.__path__)
    return sorted(module.name for module in found if module.name != "base")


def link_module(scheme: str) -> ModuleType:
    """Import a link's module; only the one in use pays for its libraries."""
    return importlib.import_module(f"host_client.links.{scheme}")
