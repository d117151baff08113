"""Operators: whom secrets are sealed to, and who proves to be one to get them back.

An operator is two key pairs that belong together: one signs proofs, the other opens what was
sealed. The public halves seal, and may lie anywhere; they are taken from this machine, and
never from the database, whose owner could put keys of their own in their place.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from host_client import cbor
from host_client.authority import Authority
from host_client.cose_key import decode_public_key
from host_client.errors import AuthorityError
from host_client.fingerprint import PREFIX
from host_client.key_file import BadKeyFile, load_private_key
from host_client.private_file import latchkey_home, write_whole
from host_client.registry.sealing import KEY_LENGTH, Purpose, open_sealed, seal

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_END = b"-----END ENCRYPTED PRIVATE KEY-----\n"
_MAX_FILE = 16384  # octets


@dataclass(frozen=True)
class OperatorKeys:
    """The public halves: a COSE_Key that checks proofs, and 32 octets of X25519 to seal to."""

    name: str
    signing_key: bytes = field(repr=False)
    sealing_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        decode_public_key(self.signing_key)
        if len(self.sealing_key) != KEY_LENGTH:
            raise AuthorityError("an operator's sealing key has 32 octets")

    def encode(self) -> bytes:
        """Both keys as one deterministic CBOR array; their fingerprint is over it."""
        return cbor.encode([self.signing_key, self.sealing_key])

    @classmethod
    def decode(cls, data: bytes, name: str) -> OperatorKeys:
        """Raises AuthorityError."""
        try:
            match cbor.decode(data):
                case [bytes(signing_key), bytes(sealing_key)]:
                    return cls(name, signing_key, sealing_key)
        except cbor.CborError:
            pass
        raise AuthorityError("not an operator's public keys")

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.encode()).digest()

    @property
    def fingerprint(self) -> str:
        return PREFIX + self.digest.hex()

    def seal(self, plaintext: bytes, purpose: Purpose) -> bytes:
        """Seal, so that only this operator opens it, and for nothing else."""
        return seal(plaintext, self.sealing_key, purpose)


@dataclass(frozen=True, repr=False)
class Operator:
    """Both private keys. Its repr shows the public halves only."""

    authority: Authority
    _sealing: X25519PrivateKey

    @property
    def name(self) -> str:
        return self.authority.name

    @property
    def keys(self) -> OperatorKeys:
        sealing = self._sealing.public_key().public_bytes_raw()
        return OperatorKeys(self.name, self.authority.public_key, sealing)

    def open(self, sealed: bytes, purpose: Purpose) -> bytes:
        """Open what was sealed to this operator. Raises BadSeal."""
        return open_sealed(sealed, self._sealing, purpose)

    def to_pem(self, passphrase: str) -> bytes:
        """Two PKCS#8 blocks (RFC 5958), each encrypted under the passphrase: to sign, to open."""
        return self.authority.to_pem(passphrase) + self._sealing.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )

    @classmethod
    def generate(cls, name: str) -> Operator:
        return cls(Authority.generate(name), X25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: str | None, name: str) -> Operator:
        """Raises AuthorityError, PassphraseNeeded among them."""
        first, end, second = pem.partition(_END)
        if not end or not second:
            raise AuthorityError(f"operator {name}: a damaged key file")
        authority = Authority.from_pem(first + end, passphrase, name)
        try:
            sealing = load_private_key(second, (passphrase or "").encode())
        except (BadKeyFile, TypeError):
            raise AuthorityError(f"operator {name}: a damaged key file") from None
        if not isinstance(sealing, X25519PrivateKey):
            raise AuthorityError(f"operator {name}: a damaged key file")
        return cls(authority, sealing)

    def __repr__(self) -> str:
        return f"Operator({self.name!r}, {self.keys.fingerprint})"

    def __reduce__(self) -> str:
        raise TypeError("an operator's keys are not pickled")


class OperatorStore:
    """The folder of operators: NAME.pem (encrypted, 0600) and NAME.pub (public halves, hex)."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or latchkey_home() / "operators"

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.pub"))

    def save(self, operator: Operator, passphrase: str) -> Path:
        """Keep a new operator. Raises AuthorityError if the name is unfit or taken."""
        path = self._path(operator.name)
        try:
            write_whole(path, operator.to_pem(passphrase), replace=False)
            write_whole(path.with_suffix(".pub"), operator.keys.encode().hex().encode() + b"\n")
        except FileExistsError:
            raise AuthorityError(f"there is an operator {operator.name} already") from None
        except OSError as error:
            raise AuthorityError(f"cannot write {path}: {error.strerror}") from error
        return path

    def load(self, name: str, passphrase: str | None) -> Operator:
        """The private keys of an operator. Raises AuthorityError."""
        pem = self._read(self._path(name), f"no private keys of an operator {name}")
        return Operator.from_pem(pem, passphrase, name)

    def keys(self, name: str) -> OperatorKeys:
        """The public keys of an operator; no passphrase is needed. Raises AuthorityError."""
        path = self._path(name).with_suffix(".pub")
        text = self._read(path, f"no public keys of an operator {name}")
        try:
            return OperatorKeys.decode(bytes.fromhex(text.decode().strip()), name)
        except ValueError:
            raise AuthorityError(f"{path} does not hold an operator's public keys") from None

    def only(self) -> OperatorKeys | None:
        """The public keys of the operator kept here, if there is exactly one."""
        names = self.names()
        return self.keys(names[0]) if len(names) == 1 else None

    def _read(self, path: Path, absent: str) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(_MAX_FILE)
        except FileNotFoundError:
            raise AuthorityError(f"{absent} in {self.folder}") from None
        except OSError as error:
            raise AuthorityError(f"cannot read {path}: {error.strerror}") from error

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise AuthorityError("an operator's name is made of letters, digits, and _ . -")
        return self.folder / f"{name}.pem"
