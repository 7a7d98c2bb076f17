"""The demonstration park, loaded once for all tests, into a database that tests clone."""

import fcntl
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import psycopg

from config.embedded.postgres import APPLICATION, OWNER, SUPERUSER, Cluster

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "tanzhang_demo"


def _cluster() -> Cluster:
    data = Path(os.environ["TANZHANG_TEST_CLUSTER"])
    return Cluster(data, data.parent / "s")


def folder() -> Path:
    """Where the demonstration's files, checkpoints, keys and logins lie."""
    return _cluster().data.parent / "demo"


def template() -> str:
    """The name of the database with the demonstration; made by whoever comes first."""
    place = folder()
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "ready").exists():
            _make(place)
            (place / "ready").touch()
    return NAME


def _make(place: Path) -> None:
    """Twice if need be: a run of ten thousand tests shall not fall over one, but it tells why."""
    if trouble := _tried(place):
        warnings.warn(f"the demonstration was loaded again, for {trouble}", stacklevel=2)
        trouble = _tried(place)
        assert not trouble, trouble


def _tried(place: Path) -> str:
    """What went wrong, or nothing."""
    cluster = _cluster()
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME}")
        admin.execute(f"CREATE DATABASE {NAME} TEMPLATE tanzhang STRATEGY FILE_COPY")
    environment = {
        **os.environ,
        "DATABASE_URL": cluster.url(APPLICATION, NAME),
        "DATABASE_ADMIN_URL": cluster.url(OWNER, NAME),
        "TANZHANG_DATA": str(place),
    }
    commands = (["load_reference"], ["make_keys", "--demonstration"], ["load_demo"], ["seal"])
    for command in commands:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            _forget(place)
            return f"{command[0]}: {done.stderr[-4000:]}"
    return ""


def _forget(place: Path) -> None:
    for one in place.iterdir():
        if one.name == "lock":
            continue
        shutil.rmtree(one) if one.is_dir() else one.unlink()
