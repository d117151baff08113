"""The application on a TLS port."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from host_client.bootstrap.errors import BootstrapError

# Mbed TLS on a board speaks TLS 1.2 with these; nothing else is offered to anybody.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
MAX_CONNECTIONS = 500
REQUEST_S = 15.0  # from the end of the handshake to the end of a request's headers
_KEEP_ALIVE_S = 5
_MAX_HEAD = 8192  # octets of a request before its body


@dataclass(frozen=True)
class Address:
    """Where to listen, and the files that prove who we are."""

    host: str
    port: int
    key: Path
    certificate: Path


class _Impatient(H11Protocol):
    """uvicorn waits for ever for a request that does not come: somebody who opens connections
    and says nothing would have all of them."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._patience = self.loop.call_later(REQUEST_S, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        asked = getattr(self, "cycle", None) is not None
        if not asked and not self.transport.is_closing():
            self.transport.close()


async def serve(
    app: Starlette, address: Address, on_ready: Callable[[int], None] | None = None
) -> None:
    """Serve until the task is cancelled or a signal comes. `on_ready` gets the port.

    Raises BootstrapError: the files are no key and certificate, the port is taken.
    """
    _check_files(address)
    config = uvicorn.Config(
        app, host=address.host, port=address.port, http=_Impatient, ws="none", lifespan="off",
        ssl_keyfile=str(address.key), ssl_certfile=str(address.certificate), ssl_ciphers=CIPHERS,
        log_config=None, access_log=False, server_header=False, proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS, timeout_keep_alive=_KEEP_ALIVE_S,
        h11_max_incomplete_event_size=_MAX_HEAD, timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = _Announced(config, on_ready)
    try:
        await server.serve()
    except asyncio.CancelledError:
        if server.started:
            await server.shutdown()
        raise
    except SystemExit as error:  # uvicorn's way to say that it could not listen
        raise BootstrapError(f"cannot listen on {address.host}:{address.port}") from error


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[int], None] | None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_ready is not None:
            self._on_ready(self.servers[0].sockets[0].getsockname()[1])


def _check_files(address: Address) -> None:
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # The empty password: a key under a passphrase is refused rather than asked about.
        context.load_cert_chain(address.certificate, address.key, password="")
    except ssl.SSLError as error:
        raise BootstrapError(
            f"{address.key} and {address.certificate} are no key and its certificate (PEM)"
        ) from error
    except OSError as error:
        raise BootstrapError(f"cannot read key or certificate: {error.strerror}") from error
