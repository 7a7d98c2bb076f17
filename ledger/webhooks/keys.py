"""The keys from which the secrets of addresses are drawn: in one file of the key folder.

Several may be in use: an address keeps the key that it was made under until its secret rotates.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings

from ledger.audit.keys import KeyMissing, write_secret

FILE, NAME = "webhooks.json", "webhooks"
OF_THE_SERVER = ""  # of addresses made before there were keys of their own: SECRET_KEY


def _read(folder: Path) -> dict[str, str]:
    """Oldest first."""
    file = folder / FILE
    told: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return told


def root_of(name: str) -> str:
    """What the secrets of addresses under a key are drawn from.

    :raises KeyMissing: it is not in the folder
    """
    if name == OF_THE_SERVER:
        return str(settings.SECRET_KEY)
    known = _read(Path(settings.KEY_DIR))
    if name not in known:
        raise KeyMissing
    return known[name]


def newest() -> str:
    """The name of the key for new secrets.

    :raises KeyMissing: there is none yet
    """
    if known := _read(Path(settings.KEY_DIR)):
        return list(known)[-1]
    raise KeyMissing


def make_missing_key(
    folder: Path, is_demonstration: bool, at: datetime
) -> Mapping[str, object] | None:
    """For `make_keys`: what the log may know of a first key, None when there is one."""
    return None if _read(folder) else add_key(folder, is_demonstration, at)


def add_key(
    folder: Path, is_demonstration: bool, at: datetime, *, in_use: Collection[str] | None = None
) -> Mapping[str, object]:
    """A new key for new secrets; of the old ones those stay that are in use (None: all)."""
    kept = {name: key for name, key in _read(folder).items() if in_use is None or name in in_use}
    name, key = f"{at:%Y%m%d}-{secrets.token_hex(4)}", secrets.token_urlsafe(48)
    write_secret(folder / FILE, json.dumps({**kept, name: key}, indent=1).encode())
    fingerprint = hashlib.sha256(key.encode()).hexdigest()
    return {"key": name, "sha256": fingerprint, "is_demonstration": is_demonstration}
