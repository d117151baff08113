"""The server's key, and the pin by which boards know it."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from host_client.bootstrap.errors import BootstrapError
from host_client.private_file import write_whole

# Boards look at the key and at no date; other clients want one that is not over.
_LIFETIME = datetime.timedelta(days=3650)
_MAX_CERTIFICATE = 1 << 20  # octets of a file
_PUBLIC = 0o644


def make_server_key(key: Path, certificate: Path, name: str) -> bytes:
    """Make a P-256 key and a certificate that it signs itself; returns the pin, 32 octets.

    `name`: the host name of the server. The key is not encrypted, for a server that starts
    by itself: 0600. Raises BootstrapError where a file is there already, or cannot be written.
    """
    private_key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    try:
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(private_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + _LIFETIME)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(private_key, SHA256())
        )
    except ValueError as error:
        raise BootstrapError(f"{name!r} cannot be the name of a server: {error}") from error
    text = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for path, data, mode in (
        (key, text, 0o600),
        (certificate, made.public_bytes(Encoding.PEM), _PUBLIC),
    ):
        try:
            write_whole(path, data, mode, replace=False)
        except FileExistsError as error:
            raise BootstrapError(f"{path} is there already: boards may be pinned to it") from error
        except OSError as error:
            raise BootstrapError(f"cannot write {path}: {error.strerror}") from error
    return pin_of(made)


def read_pin(certificate: Path) -> bytes:
    """The pin of the first certificate of a PEM file. Raises BootstrapError."""
    try:
        with certificate.open("rb") as file:
            text = file.read(_MAX_CERTIFICATE)
        return pin_of(x509.load_pem_x509_certificate(text))
    except OSError as error:
        raise BootstrapError(f"cannot read {certificate}: {error.strerror}") from error
    except ValueError as error:
        raise BootstrapError(f"{certificate} holds no certificate (PEM)") from error


def pin_of(certificate: x509.Certificate) -> bytes:
    """SHA-256 of the SubjectPublicKeyInfo (as in RFC 7469 section 2.4)."""
    info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(info).digest()
