"""Writes certificates.json: certificates by a library of others, and their public keys' digests.

`python -m tests.vectors.make_certificates` makes them anew, with new keys.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TARGET = Path(__file__).with_name("certificates.json")
START = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


def case(name: str, key: object, common_name: str, *names: str) -> dict[str, str]:
    """One self-signed certificate in hex, and SHA-256 of its SubjectPublicKeyInfo."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    public_key = key.public_key()  # type: ignore[attr-defined]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(START + datetime.timedelta(days=1))
    )
    if names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(n) for n in names])
        builder = builder.add_extension(alternatives, critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    made = builder.sign(key, algorithm)  # type: ignore[arg-type]
    info = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "name": name,
        "der": made.public_bytes(Encoding.DER).hex(),
        "pin": hashlib.sha256(info).hexdigest(),
    }


def main() -> None:
    cases = [
        case("P-256", ec.generate_private_key(ec.SECP256R1()), "boot.example", "boot.example"),
        case("P-384", ec.generate_private_key(ec.SECP384R1()), "x"),
        case("RSA 2048", rsa.generate_private_key(65537, 2048), "boot.example", "boot.example"),
        case("Ed25519", ed25519.Ed25519PrivateKey.generate(), "x"),
        case("long names", ec.generate_private_key(ec.SECP256R1()), "n" * 64,
             *[f"{number}.{'long' * 12}.example" for number in range(20)]),
    ]  # fmt: skip
    TARGET.write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
