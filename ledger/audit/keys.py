"""Signing keys: where they lie, who makes them. Public halves and their history are in the log.

A deployment with a token or a key service gives `KEY_STORE` another class with these methods.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.module_loading import import_string

from ledger.audit.notes import Signer, VerifierKey
from ledger.kernel.errors import N_, DomainError

CHECKPOINT_KEY = "checkpoint"


class KeyMissing(DomainError):
    code = "key_missing"
    message = N_("There is no signing key; run manage.py make_keys.")


class KeyExists(DomainError):
    code = "key_exists"
    message = N_("This key exists already; use manage.py rotate_key.")


class KeyStore(Protocol):
    """Keeps private keys. They never leave it; it signs."""

    def signer(self, name: str) -> Signer:
        """:raises KeyMissing: there is no such key"""

    def create(self, name: str, *, origin: str, is_demonstration: bool) -> VerifierKey:
        """Make a new key under a name; the former one, if any, can sign no more."""

    def has(self, name: str) -> bool: ...

    def is_demonstration(self, name: str) -> bool: ...


@dataclass(frozen=True)
class FileSigner:
    verifier: VerifierKey
    private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


@dataclass(frozen=True)
class FileKeyStore:
    """One PEM file (0600) for each key, with a note beside it; the folder is 0700."""

    folder: Path

    def _pem(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def _about(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def has(self, name: str) -> bool:
        return self._pem(name).exists()

    def signer(self, name: str) -> Signer:
        try:
            stamp = self._pem(name).stat().st_mtime_ns
        except FileNotFoundError as missing:
            raise KeyMissing(name) from missing
        return _load(self._pem(name), self._about(name), stamp)

    def is_demonstration(self, name: str) -> bool:
        return bool(json.loads(self._about(name).read_text())["is_demonstration"])

    def create(self, name: str, *, origin: str, is_demonstration: bool) -> VerifierKey:
        private = Ed25519PrivateKey.generate()
        key = VerifierKey(name=origin, public_key=private.public_key().public_bytes_raw())
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        about = {"verifier": str(key), "is_demonstration": is_demonstration}
        write_secret(self._about(name), json.dumps(about, indent=1).encode())
        write_secret(self._pem(name), pem)
        return key


@lru_cache(maxsize=8)
def _load(pem: Path, about: Path, stamp: int) -> FileSigner:
    private = serialization.load_pem_private_key(pem.read_bytes(), password=None)
    assert isinstance(private, Ed25519PrivateKey)  # noqa: S101  written by `create`
    verifier = VerifierKey.parse(json.loads(about.read_text())["verifier"])
    return FileSigner(verifier=verifier, private=private)


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def key_store() -> KeyStore:
    """The store chosen at deployment (`KEY_STORE`, a class that takes the folder)."""
    store: KeyStore = import_string(settings.KEY_STORE)(Path(settings.KEY_DIR))
    return store


# --- makers: each room that needs a key of its own has one, put in place in config/wiring.py

# Makes what is missing in the folder; returns its public half for the log, or None if it is there.
Maker = Callable[[Path, bool, datetime], Mapping[str, Any] | None]
_MAKERS: dict[str, Maker] = {}


def register_key_maker(name: str, maker: Maker) -> None:
    """`maker(folder, is_demonstration, at)` makes the key `name` if it is missing."""
    _MAKERS[name] = maker


# Puts a new key beside or in place of the present one; returns what the log may know of it.
Rotator = Callable[[Path, bool, datetime], Mapping[str, Any]]
_ROTATORS: dict[str, Rotator] = {}


def register_key_rotator(name: str, rotator: Rotator) -> None:
    """`rotate_key --key name` calls it."""
    _ROTATORS[name] = rotator


def key_rotators() -> Mapping[str, Rotator]:
    return dict(_ROTATORS)


def key_makers() -> Mapping[str, Maker]:
    return dict(_MAKERS)
