"""Where checkpoints are kept outside the database: the one thing that a rewritten database cannot
carry with it. Files are only ever added; object storage with a retention lock does the same.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.module_loading import import_string

FILES_PER_FOLDER = 10_000


class OutsideStore(Protocol):
    """One file for each checkpoint, and `latest`."""

    def add(self, *, tree_size: int, key_id: str, note: str) -> None:
        """Keep a note for good. Adding what is there already changes nothing."""

    def latest(self) -> str | None: ...

    def find(self, *, tree_size: int, key_id: str) -> str | None: ...

    def notes(self) -> Iterator[tuple[str, str]]:
        """Every kept note with its name, smallest tree first."""


def place_of(*, tree_size: int, key_id: str) -> str:
    return f"{tree_size // FILES_PER_FOLDER:08d}/{tree_size:014d}-{key_id}"


@dataclass(frozen=True)
class FolderStore:
    """A folder, best on another machine's disk; every write reaches the disk before it counts."""

    folder: Path

    def add(self, *, tree_size: int, key_id: str, note: str) -> None:
        path = self.folder / place_of(tree_size=tree_size, key_id=key_id)
        if not path.exists():
            self._write(path, note)
            path.chmod(0o444)
        self._write(self.folder / "latest", note)

    def _write(self, path: Path, note: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def latest(self) -> str | None:
        """By name and not from the file `latest`, which is for readers and could be put back."""
        folders = (path for path in self.folder.glob("[0-9]*") if path.is_dir())
        newest = max(folders, default=None)
        name = max((path.name for path in newest.glob("[0-9]*")), default=None) if newest else None
        return _text(newest / name) if newest and name else None

    def find(self, *, tree_size: int, key_id: str) -> str | None:
        return _text(self.folder / place_of(tree_size=tree_size, key_id=key_id))

    def notes(self) -> Iterator[tuple[str, str]]:
        folders = (path for path in self.folder.glob("[0-9]*") if path.is_dir())
        for folder in sorted(folders):
            for path in sorted(folder.glob("[0-9]*")):
                yield path.name, path.read_text(encoding="utf-8")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


class ObjectStore:
    """Django's storage alias `checkpoints` (django-storages: S3 and its like, with object lock)."""

    def __init__(self, folder: Path) -> None:
        self.storage = storages["checkpoints"]

    def add(self, *, tree_size: int, key_id: str, note: str) -> None:
        name = place_of(tree_size=tree_size, key_id=key_id)
        if not self.storage.exists(name):
            self.storage.save(name, ContentFile(note.encode()))

    def latest(self) -> str | None:
        """The last by name: nothing is ever overwritten, so there is no `latest` object."""
        for folder in sorted(self.storage.listdir("")[0], reverse=True):
            names = sorted(self.storage.listdir(folder)[1])
            if names:
                return self._read(f"{folder}/{names[-1]}")
        return None

    def find(self, *, tree_size: int, key_id: str) -> str | None:
        name = place_of(tree_size=tree_size, key_id=key_id)
        return self._read(name) if self.storage.exists(name) else None

    def notes(self) -> Iterator[tuple[str, str]]:
        for folder in sorted(self.storage.listdir("")[0]):
            for name in sorted(self.storage.listdir(folder)[1]):
                yield name, self._read(f"{folder}/{name}")

    def _read(self, name: str) -> str:
        with self.storage.open(name) as file:
            content: bytes = file.read()
        return content.decode()


def outside_store() -> OutsideStore:
    """The store chosen at deployment (`CHECKPOINT_STORE`, a class that takes the folder)."""
    store: OutsideStore = import_string(settings.CHECKPOINT_STORE)(Path(settings.CHECKPOINT_DIR))
    return store
