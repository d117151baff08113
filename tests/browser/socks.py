"""A SOCKS5 server (RFC 1928) on loopback: CONNECT only, nobody has to say who they are."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import Awaitable, Callable

GREETING_S = 10
SUCCEEDED, NETWORK_UNREACHABLE, HOST_UNREACHABLE, REFUSED = 0, 3, 4, 5
NO_SUCH_COMMAND, NO_SUCH_ADDRESS_TYPE = 7, 8

_VERSION, _CONNECT = 5, 1
_IPV4, _DOMAIN = 1, 3
_NO_AUTHENTICATION, _NONE_ACCEPTABLE = 0, 0xFF

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Unreachable(Exception):
    """Why a connection cannot be made: `reply` is the octet that SOCKS has for it."""

    def __init__(self, reply: int) -> None:
        super().__init__(f"SOCKS reply {reply}")
        self.reply = reply


class Socks:
    """`connect(host, port)` gives the streams to what was asked for, or raises Unreachable;
    `carry(client, target, host, port)` passes octets on until both are done."""

    def __init__(
        self,
        connect: Callable[[str, int], Awaitable[Streams]],
        carry: Callable[[Streams, Streams, str, int], Awaitable[None]],
    ) -> None:
        self._connect = connect
        self._carry = carry
        self._server: asyncio.Server | None = None
        self._serving: dict[asyncio.Task[None], list[asyncio.StreamWriter]] = {}
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def drop_all(self) -> None:
        """Cut every connection, in the middle of whatever it does."""
        for writers in self._serving.values():
            for writer in writers:
                writer.transport.abort()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.drop_all()
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0)  # the transports' own farewell

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        writers = self._serving[task] = [writer]
        try:
            host, port = await asyncio.wait_for(_asked_for(reader, writer), GREETING_S)
            target = await self._connect(host, port)
            writers.append(target[1])
            writer.write(_reply(SUCCEEDED))
            await self._carry((reader, writer), target, host, port)
        except Unreachable as unreachable:
            with contextlib.suppress(OSError):
                writer.write(_reply(unreachable.reply))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            pass  # whoever asked has gone
        except asyncio.CancelledError:  # a canceled handler is complained about (3.11)
            pass
        finally:
            self._serving.pop(task, None)
            for one in writers:
                one.close()


async def _asked_for(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
    """The greeting, and what is to be connected to. Raises Unreachable."""
    version, methods = await reader.readexactly(2)
    offered = await reader.readexactly(methods)
    if version != _VERSION or _NO_AUTHENTICATION not in offered:
        writer.write(bytes((_VERSION, _NONE_ACCEPTABLE)))
        raise ConnectionError("no SOCKS5 without authentication")
    writer.write(bytes((_VERSION, _NO_AUTHENTICATION)))
    _, command, _, kind = await reader.readexactly(4)
    if kind == _IPV4:
        host = str(ipaddress.IPv4Address(await reader.readexactly(4)))
    elif kind == _DOMAIN:
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode("ascii", "replace")
    else:
        raise Unreachable(NO_SUCH_ADDRESS_TYPE)
    port = int.from_bytes(await reader.readexactly(2), "big")
    if command != _CONNECT:
        raise Unreachable(NO_SUCH_COMMAND)
    return host, port


def _reply(code: int) -> bytes:
    return bytes((_VERSION, code, 0, _IPV4, 0, 0, 0, 0, 0, 0))
