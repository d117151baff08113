"""TLS servers on this machine that remember every octet they were sent; and faults of theirs."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

HANDSHAKE, APPLICATION_DATA = 22, 23  # content types (RFC 8446 section 5.1)
# A board has no clock: that this is long over must not matter to it.
START = datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone.utc)


@dataclass(frozen=True)
class Credentials:
    """Files of a key and its certificate, and the pin that a board is given of them."""

    key: Path
    certificate: Path
    pin: bytes


def make_credentials(folder: Path, name: str, kind: str = "p256") -> Credentials:
    """kind: "p256" or "rsa"."""
    key = (
        rsa.generate_private_key(65537, 2048)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(START + datetime.timedelta(days=1))
        .sign(key, SHA256())
    )
    files = folder / f"{name}.key", folder / f"{name}.crt"
    files[0].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files[1].write_bytes(certificate.public_bytes(Encoding.PEM))
    info = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Credentials(*files, hashlib.sha256(info).digest())


@dataclass
class Meeting:
    """What one client sent. raw: as it came; said: what of it was for us, decrypted.
    answered: what we sent, as it went out."""

    raw: bytes = b""
    answered: bytes = b""
    said: bytes = b""
    shaken: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def record_types(self) -> list[int]:
        """Content types of the TLS records that came, in their order."""
        return [self.raw[at] for at in heads(self.raw)]

    def is_in_head(self, at: int) -> bool:
        """Whether this octet of ours was of a record's head, which TLS 1.2 leaves unproven
        in a handshake."""
        return any(head <= at < head + 5 for head in heads(self.answered))


def heads(stream: bytes) -> list[int]:
    """Where each TLS record begins (RFC 5246 section 6.2.1)."""
    found, at = [], 0
    while at + 5 <= len(stream):
        found.append(at)
        at += 5 + int.from_bytes(stream[at + 3 : at + 5], "big")
    return found


@dataclass(frozen=True)
class Faults:
    """cut_after: octets of ours after which the connection ends. flip: which of our octets is
    sent with a bit changed. chain: a file to show instead of the certificate alone. silent: say
    nothing at all. answer: what every request gets; None for no answer.
    pieces_s: an octet of the answer at a time, with so many seconds between."""

    cut_after: int | None = None
    flip: int | None = None
    chain: Path | None = None
    silent: bool = False
    answer: bytes | None = b"HTTP/1.1 204 No Content\r\n\r\n"
    pieces_s: float | None = None


class TlsServer:
    """`with TlsServer(credentials) as server:`; `server.port`, and `meetings` afterwards."""

    def __init__(self, credentials: Credentials, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.meetings: list[Meeting] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.faults.chain or credentials.certificate, credentials.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]

    def __enter__(self) -> TlsServer:
        self._threads[0].start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Returns when it is through with all that it has met."""
        self._over.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()  # wakes accept()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def last(self) -> Meeting:
        """The last meeting, once all that it brought has been read."""
        meeting = self.meetings[-1]
        assert meeting.over.wait(5)
        return meeting

    def _serve(self) -> None:
        while not self._over.is_set():
            client, _ = self._listener.accept()
            if self._over.is_set():
                client.close()
                return
            self.meetings.append(Meeting())
            arguments = client, self.meetings[-1]
            self._threads.append(threading.Thread(target=self._host, args=arguments, daemon=True))
            self._threads[-1].start()

    def _host(self, client: socket.socket, meeting: Meeting) -> None:
        with client:
            client.settimeout(2)
            # However it ends: what has come is what counts.
            with contextlib.suppress(OSError, ssl.SSLError):
                self._meet(client, meeting)
        meeting.over.set()

    def _meet(self, client: socket.socket, meeting: Meeting) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._context.wrap_bio(incoming, outgoing, server_side=True)
        ours = 0
        while octets := client.recv(4096):
            meeting.raw += octets
            if self.faults.silent:
                continue
            incoming.write(octets)
            with contextlib.suppress(ssl.SSLWantReadError):
                for _ in self._answers(tls, meeting):
                    ours = self._send(client, outgoing.read(), ours)
            answer = outgoing.read()
            meeting.answered += answer
            if (ours := self._send(client, answer, ours)) < 0:
                return

    def _answers(self, tls: ssl.SSLObject, meeting: Meeting) -> Iterator[None]:
        """Write answers into `tls`; yields where what is ready should go out."""
        if not meeting.shaken:
            tls.do_handshake()
            meeting.shaken = True
        while octets := tls.read(4096):
            meeting.said += octets
            if b"\r\n\r\n" not in meeting.said or self.faults.answer is None:
                continue
            if self.faults.pieces_s is None:
                tls.write(self.faults.answer)
                continue
            for octet in self.faults.answer:
                tls.write(bytes([octet]))
                yield
                if self._over.wait(self.faults.pieces_s):
                    return

    def _send(self, client: socket.socket, octets: bytes, before: int) -> int:
        """How many octets have gone out in all; -1 where the connection is to end now."""
        flip, cut = self.faults.flip, self.faults.cut_after
        if flip is not None and before <= flip < before + len(octets):
            changed = bytearray(octets)
            changed[flip - before] ^= 1
            octets = bytes(changed)
        if cut is not None and before + len(octets) >= cut:
            client.sendall(octets[: cut - before])
            return -1
        client.sendall(octets)
        return before + len(octets)
