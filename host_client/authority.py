"""Provisioning keys (the authority): made, kept, loaded, and used to sign orders."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from host_client.cose_key import encode_public_key
from host_client.errors import AuthorityError, PassphraseNeeded
from host_client.fingerprint import fingerprint
from host_client.installer import MAX_CERTIFICATE, check_subject, read_installer_certificate
from host_client.key_file import BadKeyFile, load_private_key
from host_client.private_file import alone, latchkey_home, write_whole
from transports.contract import ALG_ED25519, ALG_ESP256

ALGORITHMS = ("ed25519", "p256")
MIN_PASSPHRASE = 8  # characters
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_MAX_PEM = 16384

PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, repr=False)
class Authority:
    """A key ready to sign: of an authority, an installer, an owner, or a manufacturer.

    `certificate`: an installer's, by an authority (see installer.py); its orders carry it. The
    repr shows the public half only.
    """

    name: str
    _key: PrivateKey
    certificate: bytes | None = None

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
            key = load_private_key(pem, secret)
        except TypeError:
            if secret is None:
                raise PassphraseNeeded(f"authority {name}: a passphrase is needed") from None
            return cls.from_pem(pem, None, name)  # the key is not encrypted
        except BadKeyFile as bad:
            raise AuthorityError(f"authority {name}: {bad}") from None
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return cls(name, key)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(name, key)
        raise AuthorityError(f"authority {name}: neither an Ed25519 nor a P-256 key")


class AuthorityStore:
    """The folder of keys: NAME.pem (encrypted, 0600), NAME.pub (COSE_Key, hex), and NAME.cert (what
    an authority certified an installer's key for)."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or latchkey_home() / "authorities"

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.pem"))

    def save(self, authority: Authority, passphrase: str) -> Path:
        """Keep a new key. Raises AuthorityError if the name is unfit or taken."""
        return self._save(authority, authority.to_pem(passphrase))

    def save_file(self, name: str, pem: bytes, passphrase: str) -> Authority:
        """Keep an encrypted key's file as it is: it may be harder to open by guessing than ours.

        Raises AuthorityError as `save` does, and where the passphrase does not open it.
        """
        authority = Authority.from_pem(pem, passphrase, name)
        self._save(authority, pem)
        return authority

    def _save(self, authority: Authority, pem: bytes) -> Path:
        path = self._path(authority.name)
        try:
            with alone(path):
                if path.exists():
                    raise AuthorityError(f"there is a key {authority.name} already")
                path.with_suffix(".cert").unlink(missing_ok=True)  # of a key that is gone
                # The public half first: a key counts once its private half is there, and where
                # that fails the name stays free.
                self._keep_public(path, authority)
                write_whole(path, pem, replace=False)
        except OSError as error:
            raise AuthorityError(f"cannot write {path}: {error.strerror}") from error
        return path

    def load(self, name: str, passphrase: str | None) -> Authority:
        """Load a key by name, its certificate with it. Raises AuthorityError."""
        path = self._path(name)
        authority = load_authority(path, passphrase, name)
        if not path.with_suffix(".pub").exists():
            with contextlib.suppress(OSError):  # the key itself is good
                self._keep_public(path, authority)
        return replace(authority, certificate=self.certificate(name))

    def public_key(self, name: str) -> bytes:
        """The COSE_Key of an authority; no passphrase is needed. Raises AuthorityError."""
        path = self._path(name)
        try:
            return bytes.fromhex(path.with_suffix(".pub").read_text().strip())
        except (OSError, ValueError) as error:
            message = f"no public key of an authority {name} in {self.folder}"
            if path.exists():
                message += "; whatever command uses its private half next writes it again"
            raise AuthorityError(message) from error

    def certificate(self, name: str) -> bytes | None:
        """The certificate kept with a key, if there is one. Raises AuthorityError."""
        path = self._path(name).with_suffix(".cert")
        try:
            with path.open("rb") as file:
                return file.read(MAX_CERTIFICATE + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AuthorityError(f"cannot read {path}: {error.strerror}") from error

    def keep_certificate(self, name: str, certificate: bytes) -> Path:
        """Keep an installer's certificate with its key, in place of an older one.

        Raises AuthorityError where there is no such key, BadCertificate for one that is none or
        not about this key.
        """
        check_subject(read_installer_certificate(certificate), self.public_key(name))
        path = self._path(name).with_suffix(".cert")
        try:
            write_whole(path, certificate)
        except OSError as error:
            raise AuthorityError(f"cannot write {path}: {error.strerror}") from error
        return path

    @staticmethod
    def _keep_public(path: Path, authority: Authority) -> None:
        public = authority.public_key.hex().encode() + b"\n"
        write_whole(path.with_suffix(".pub"), public)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise AuthorityError("an authority's name is made of letters, digits, and _ . -")
        return self.folder / f"{name}.pem"


def load_authority(path: Path, passphrase: str | None, name: str | None = None) -> Authority:
    """Load a key from a PEM file. Raises AuthorityError."""
    name = name or path.stem
    return Authority.from_pem(read_pem(path, name), passphrase, name)


def read_pem(path: Path, name: str) -> bytes:
    """The octets of a PEM file. Raises AuthorityError."""
    try:
        with path.open("rb") as file:
            return file.read(_MAX_PEM)
    except FileNotFoundError:
        raise AuthorityError(f"no authority {name}: {path} is not there") from None
    except OSError as error:
        raise AuthorityError(f"cannot read {path}: {error.strerror}") from error
