"""Which boards are in reach, over all links at once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from host_client.board import BoardInfo
from host_client.client import Board
from host_client.errors import LinkError, ProvisioningError
from host_client.known_boards import KnownBoards
from host_client.links.base import LinkOptions, Sighting, link_module, open_link, schemes
from host_client.trust import Trust

log = logging.getLogger("latchkey.discovery")


@dataclass(frozen=True)
class Found:
    """A board in reach, and what it says of itself where it was asked; `trouble` where not."""

    url: str
    name: str
    rssi_dbm: int | None
    info: BoardInfo | None
    trouble: str | None = None


@dataclass(frozen=True)
class Discovery:
    """The boards found, and the media that could not be searched (scheme: why)."""

    boards: tuple[Found, ...]
    failures: dict[str, str]


async def discover(
    options: LinkOptions | None = None, *, media: tuple[str, ...] = (), ask: bool = True
) -> Discovery:
    """Search all media (or those named), for `options.scan_timeout_s` each.

    `ask`: also fetch each board's descriptor. Never raises for one medium that fails
    while another works: that is told in `failures`.
    """
    options = options or LinkOptions()
    names = media or tuple(schemes())
    searched = await asyncio.gather(*(_search(name, options) for name in names))
    failures = {name: error for name, (_, error) in zip(names, searched, strict=True) if error}
    boards: list[Found] = []
    for sightings, _ in searched:
        for sighting in sightings:  # one by one: a radio has one scanner and few connections
            boards.append(await _introduce(sighting, options, ask))
    return Discovery(tuple(boards), failures)


async def _search(scheme: str, options: LinkOptions) -> tuple[list[Sighting], str | None]:
    try:
        return await link_module(scheme).find_boards(options), None
    except LinkError as error:
        log.debug("%s: %s", scheme, error)
        return [], str(error)


async def _introduce(sighting: Sighting, options: LinkOptions, ask: bool) -> Found:
    found = Found(sighting.url, sighting.name, sighting.rssi_dbm, None)
    if not ask:
        return found
    trust = Trust(None, KnownBoards(in_memory=True))
    try:
        async with Board(open_link(sighting.url, options), trust) as board:
            info = await board.info()
    except ProvisioningError as error:
        return Found(sighting.url, sighting.name, sighting.rssi_dbm, None, str(error))
    return Found(sighting.url, sighting.name, sighting.rssi_dbm, info)
