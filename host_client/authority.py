"""Provisioning keys (the authority): made, kept, loaded, and used to sign orders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from host_client.cose_key import encode_public_key
from host_client.errors import AuthorityError, PassphraseNeeded
from host_client.fingerprint import fingerprint
from host_client.private_file import latchkey_home, write_whole
from transports.contract import ALG_ED25519, ALG_ESP256

ALGORITHMS = ("ed25519", "p256")
MIN_PASSPHRASE = 8  # characters
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_MAX_PEM = 16384

PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, repr=False)
class Authority:
    """A provisioning key ready to sign. Its repr shows the public half only."""

    name: str
    _key: PrivateKey

    @property
    def algorithm(self) -> str:
        return "ed25519" if isinstance(self._key, ed25519.Ed25519PrivateKey) else "p256"

    @property
    def cose_algorithm(self) -> int:
        """The algorithm of its signatures (RFC 9864): Ed25519 or ESP256."""
        return ALG_ED25519 if self.algorithm == "ed25519" else ALG_ESP256

    @property
    def public_key(self) -> bytes:
        """The public half as an encoded COSE_Key (RFC 9052 section 7, RFC 9053 section 7)."""
        return encode_public_key(self._key.public_key())

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 octets for either algorithm (ECDSA as r || s, RFC 9053 section 2.1)."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(message)
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def to_pem(self, passphrase: str) -> bytes:
        """PKCS#8 (RFC 5958), encrypted under the passphrase."""
        if len(passphrase) < MIN_PASSPHRASE:
            raise AuthorityError(f"a passphrase has at least {MIN_PASSPHRASE} characters")
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )

    def __repr__(self) -> str:
        return f"Authority({self.name!r}, {self.algorithm}, {self.fingerprint})"

    def __reduce__(self) -> str:
        raise TypeError("a provisioning key is not pickled")

    @classmethod
    def generate(cls, name: str = "unnamed", algorithm: str = "ed25519") -> Authority:
        """Make a new key. Raises AuthorityError for an unknown algorithm."""
        if algorithm == "ed25519":
            return cls(name, ed25519.Ed25519PrivateKey.generate())
        if algorithm == "p256":
            return cls(name, ec.generate_private_key(ec.SECP256R1()))
        raise AuthorityError(f"an authority's algorithm is one of {', '.join(ALGORITHMS)}")

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: str | None, name: str = "unnamed") -> Authority:
        """Load a PKCS#8 PEM key. Raises AuthorityError; its cause never quotes the passphrase."""
        secret = passphrase.encode() if passphrase else None
        try:
            key = serialization.load_pem_private_key(pem, secret)
        except TypeError:
            if secret is None:
                raise PassphraseNeeded(f"authority {name}: a passphrase is needed") from None
            return cls.from_pem(pem, None, name)  # the key is not encrypted
        except (ValueError, UnsupportedAlgorithm):
            raise AuthorityError(f"authority {name}: wrong passphrase, or a damaged key") from None
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return cls(name, key)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(name, key)
        raise AuthorityError(f"authority {name}: neither an Ed25519 nor a P-256 key")


class AuthorityStore:
    """The folder of provisioning keys: NAME.pem (encrypted, 0600) and NAME.pub (COSE_Key, hex)."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or latchkey_home() / "authorities"

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.pem"))

    def save(self, authority: Authority, passphrase: str) -> Path:
        """Keep a new key. Raises AuthorityError if the name is unfit or taken."""
        path = self._path(authority.name)
        try:
            write_whole(path, authority.to_pem(passphrase), replace=False)
            write_whole(path.with_suffix(".pub"), authority.public_key.hex().encode() + b"\n")
        except FileExistsError:
            raise AuthorityError(f"there is an authority {authority.name} already") from None
        except OSError as error:
            raise AuthorityError(f"cannot write {path}: {error.strerror}") from error
        return path

    def load(self, name: str, passphrase: str | None) -> Authority:
        """Load a key by name. Raises AuthorityError."""
        return load_authority(self._path(name), passphrase, name)

    def public_key(self, name: str) -> bytes:
        """The COSE_Key of an authority; no passphrase is needed. Raises AuthorityError."""
        path = self._path(name).with_suffix(".pub")
        try:
            return bytes.fromhex(path.read_text().strip())
        except (OSError, ValueError) as error:
            message = f"no public key of an authority {name} in {self.folder}"
            raise AuthorityError(message) from error

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise AuthorityError("an authority's name is made of letters, digits, and _ . -")
        return self.folder / f"{name}.pem"


def load_authority(path: Path, passphrase: str | None, name: str | None = None) -> Authority:
    """Load a key from a PEM file. Raises AuthorityError."""
    try:
        with path.open("rb") as file:
            pem = file.read(_MAX_PEM)
    except FileNotFoundError:
        raise AuthorityError(f"no authority {name or path.stem}: {path} is not there") from None
    except OSError as error:
        raise AuthorityError(f"cannot read {path}: {error.strerror}") from error
    return Authority.from_pem(pem, passphrase, name or path.stem)
