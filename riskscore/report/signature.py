"""Detached signatures (Ed25519): the holder of the private key wrote this file, and nobody changed a byte since."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.errors import MissingExtra, RiskscoreError
from riskscore.report.atomic import write_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SUFFIX = ".sig"
_MAKE = "Make one: openssl genpkey -algorithm ed25519 -out KEYFILE"


def private_key(path: str | Path) -> Ed25519PrivateKey:
    """Return the key that signs: Ed25519 in PEM, without a password.

    Raises
    ------
    MissingExtra
        The extra ``sign`` is not installed.
    RiskscoreError
        The file cannot be read or holds no such key; nothing of it is quoted.
    """
    _wanted()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise RiskscoreError("is no Ed25519 private key in PEM without a password.", where=str(path), next=_MAKE)
    return key


def public_key(path: str | Path) -> Ed25519PublicKey:
    """Return the key that checks: Ed25519 in PEM. Errors as for `private_key`."""
    _wanted()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise RiskscoreError("is no Ed25519 public key in PEM.", where=str(path),
                             next="From a private key: openssl pkey -in KEYFILE -pubout -out PUBLIC")  # fmt: skip
    return key


def sign(path: str | Path, key: Ed25519PrivateKey) -> Path:
    """Write the signature of a file beside it, ``NAME.sig``, and return where."""
    return write_text(f"{path}{SUFFIX}", signature_of(Path(path).read_bytes(), key) + "\n")


def signature_of(content: bytes, key: Ed25519PrivateKey) -> str:
    """Return the signature of bytes as text."""
    return base64.b64encode(key.sign(content)).decode()


def is_signed(path: str | Path, key: Ed25519PublicKey) -> bool:
    """Say whether the signature beside a file is that of the key's owner over the file as it is.

    Raises
    ------
    RiskscoreError
        There is no such file, or no signature beside it.
    """
    return fits(_read(f"{path}{SUFFIX}").strip(), _read(path), key)


def fits(signature: bytes, content: bytes, key: Ed25519PublicKey) -> bool:
    """Say whether a signature as text is that of the key's owner over bytes."""
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as why:
        raise RiskscoreError(f"cannot be read: {why.strerror}.", where=str(path)) from None


def _wanted() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise MissingExtra("signatures need the package cryptography.", where="sign",
                           next="pip install 'riskscore[sign]'") from None  # fmt: skip
