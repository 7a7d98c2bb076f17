"""A backup is one folder: database, evidence files, checkpoints, and a manifest of hashes.

Keys are never in it: whoever holds a backup and the keys could write another history. The order
makes a restored copy agree with itself: checkpoints first (they may not be ahead of the database),
then one snapshot of the database, then the files (which are only ever added to).
"""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from config.embedded.postgres import find_binaries
from config.env import DatabaseAddress

FORMAT = 1
DUMP, FILES, CHECKPOINTS, MANIFEST = "database.dump", "files", "checkpoints", "manifest.json"


class CannotBackUp(Exception):
    """The backup or the restore was not done; the text says why, and nothing was overwritten."""


@dataclass(frozen=True)
class Source:
    """What a backup is made of, or restored to. A folder of None lives in object storage."""

    database: DatabaseAddress
    files: Path | None
    checkpoints: Path | None


def back_up(*, to: Path, source: Source, at: datetime) -> int:
    """Write a backup into a new or empty folder; how many files it has.

    :raises CannotBackUp: the folder is not empty, or the database cannot be read
    """
    if to.exists() and any(to.iterdir()):
        raise CannotBackUp(f"{to} is not empty; a backup is never written over another")
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy(source.checkpoints, to / CHECKPOINTS)
    _pg("pg_dump", source.database, "--format=custom", f"--file={to / DUMP}")
    _copy(source.files, to / FILES)
    hashes = {str(file.relative_to(to)): _hash(file) for file in _files(to)}
    manifest = {
        "format": FORMAT,
        "made_at": at.isoformat(),
        "files_in_object_storage": source.files is None,
        "checkpoints_in_object_storage": source.checkpoints is None,
        "sha256": hashes,
    }
    (to / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return len(hashes)


def check(folder: Path) -> None:
    """Hold every file against the manifest.

    :raises CannotBackUp: a file is missing, changed or unknown
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        raise CannotBackUp(f"{folder} has no readable {MANIFEST}: not a whole backup") from None
    if manifest.get("format") != FORMAT:
        raise CannotBackUp(f"{folder} was written in another format ({manifest.get('format')})")
    there = {str(file.relative_to(folder)): file for file in _files(folder)}
    there.pop(MANIFEST)
    for name, wanted in sorted(manifest["sha256"].items()):
        file = there.pop(name, None)
        if file is None:
            raise CannotBackUp(f"{name} is missing from the backup")
        if _hash(file) != wanted:
            raise CannotBackUp(f"{name} was changed after the backup was made")
    if there:
        raise CannotBackUp(f"{min(there)} is not in the manifest")


def restore(*, folder: Path, target: Source) -> None:
    """Put a backup into an empty database; files and checkpoints are added, never overwritten.

    A checkpoint outside that is newer than the backup stays, on purpose: it shows that the
    restored database has lost its tail, and the product then neither seals nor signs.

    :raises CannotBackUp: the backup is not whole, or the database is not empty
    """
    check(folder)
    if _count_tables(target.database):
        raise CannotBackUp(f"the database {target.database.name} is not empty")
    # Owners and rights are set by prepare_database, for the roles of this installation.
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _pg(
        "pg_restore",
        target.database,
        *options,
        f"--dbname={target.database.name}",
        str(folder / DUMP),
    )
    _add(folder / CHECKPOINTS, target.checkpoints)
    _add(folder / FILES, target.files)


def pack_keys(*, keys: Path, to: Path, backup: Path) -> None:
    """The keys in a file of their own, outside the backup.

    :raises CannotBackUp: it would lie in the backup, exists already, or there are no keys
    """
    if to.resolve().is_relative_to(backup.resolve()):
        raise CannotBackUp("the keys must not lie in the backup: keep them elsewhere")
    if to.exists():
        raise CannotBackUp(f"{to} exists already")
    if not keys.is_dir():
        raise CannotBackUp(f"there are no keys in {keys}")
    to.touch(mode=0o600)
    with tarfile.open(to, "w:gz") as archive:
        archive.add(keys, arcname="keys")


def unpack_keys(*, file: Path, keys: Path) -> None:
    """:raises CannotBackUp: there are keys already"""
    if keys.is_dir() and any(keys.iterdir()):
        raise CannotBackUp(f"there are keys already in {keys}; move them away first")
    keys.parent.mkdir(parents=True, exist_ok=True)
    half = keys.with_name(keys.name + ".half")
    half.mkdir(mode=0o700)
    with tarfile.open(file) as archive:
        for member in archive.getmembers():
            _unpack(archive, member, half)
    if keys.is_dir():
        keys.rmdir()
    (half / "keys").rename(keys)
    keys.chmod(0o700)
    half.rmdir()


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, to: Path) -> None:
    """Plain files and folders below `to`, nothing else (Debian 12's Python has no filters yet)."""
    target = (to / member.name).resolve()
    if not target.is_relative_to(to.resolve()) or not (member.isfile() or member.isdir()):
        raise CannotBackUp(f"{member.name} has no place in an archive of keys")
    if member.isdir():
        target.mkdir(exist_ok=True, mode=0o700)
        return
    content = archive.extractfile(member)
    target.touch(mode=0o600)
    target.write_bytes(content.read() if content else b"")


def _count_tables(database: DatabaseAddress) -> int:
    place = {"host": database.host, "port": database.port, "dbname": database.name}
    login = {"user": database.user, "password": database.password}
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    known = {name: value for name, value in (place | login | database.options).items() if value}
    with psycopg.connect(**known) as connection:  # type: ignore[arg-type]
        found = connection.execute(query).fetchone()
    return int(found[0]) if found else 0


def _pg(program: str, database: DatabaseAddress, *arguments: str) -> None:
    """The password goes by the environment: arguments are seen by every user of the machine."""
    access = {"PGUSER": database.user, "PGPASSWORD": database.password, "PGDATABASE": database.name}
    access |= {"PGHOST": database.host, "PGPORT": database.port}
    access |= {f"PG{name.upper()}": value for name, value in database.options.items()}
    done = subprocess.run(
        [str(find_binaries() / program), "--no-password", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **{name: value for name, value in access.items() if value}},
    )
    if done.returncode:
        raise CannotBackUp(f"{program} failed: {done.stderr.strip()[-1500:]}")


def _copy(folder: Path | None, to: Path) -> None:
    if folder is not None and folder.is_dir():
        shutil.copytree(folder, to)


def _add(folder: Path, to: Path | None) -> None:
    if to is None or not folder.is_dir():
        return
    for file in _files(folder):
        target = to / file.relative_to(folder)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
