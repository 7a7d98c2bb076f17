"""A throw-away PostgreSQL for the tests, with every table in place. Loaded by pytest before Django.

The migrated cluster is kept as a template in memory and copied at each run: the key is the hash of
all that shapes it, so a changed migration or seed makes a new one.
"""

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded.postgres import APPLICATION, OWNER, Cluster

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "tanzhang"
SHAPES = (
    "*/*/migrations/*.py",
    "*/*/models.py",
    "*/*/models/*.py",
    "config/management/commands/prepare_database.py",
)
SHAPES += ("ledger/doors/tables.py", "config/embedded/postgres.py")


def _memory() -> Path:
    shared = Path("/dev/shm")  # noqa: S108  memory, when there is enough of it
    roomy = shared.is_dir() and shutil.disk_usage(shared).free > 1 << 30
    return shared if roomy else Path(tempfile.gettempdir())


def _key() -> str:
    shape = hashlib.sha256(os.environ.get("PG_BIN", "").encode())
    for pattern in SHAPES:
        for file in sorted(ROOT.glob(pattern)):
            shape.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return shape.hexdigest()[:16]


def _environment(cluster: Cluster) -> dict[str, str]:
    return {
        "TANZHANG_MODE": "test",
        "DATABASE_URL": cluster.url(APPLICATION, DATABASE),
        "DATABASE_ADMIN_URL": cluster.url(OWNER, DATABASE),
        "TANZHANG_TEST_CLUSTER": str(cluster.data),
    }


def _prepare(template: Path, sockets: Path) -> None:
    cluster = Cluster(template, sockets, throw_away=True)
    cluster.create()
    cluster.start()
    try:
        cluster.create_roles(DATABASE)
        subprocess.run(
            [sys.executable, "manage.py", "prepare_database", "--verbosity", "0"],
            cwd=ROOT,
            check=True,
            env={**os.environ, **_environment(cluster)},
        )
    finally:
        cluster.run("pg_ctl", "-D", str(template), "-w", "-m", "fast", "stop")


def start() -> Cluster:
    """Copy the template, or make it first; start the copy."""
    place = _memory() / f"tanzhang-test-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    run = Path(tempfile.mkdtemp(prefix="run-", dir=place))
    template = place / f"template-{_key()}"
    if not (template / "ready").exists():
        fresh = run / "template"
        _prepare(fresh, run / "s")
        (fresh / "ready").touch()
        if not template.exists():
            shutil.copy(
                fresh.parent / "template.password", template.parent / (template.name + ".password")
            )
            fresh.rename(template)
    data = run / "data"
    shutil.copytree(template, data)
    data.chmod(0o700)
    shutil.copy(template.parent / (template.name + ".password"), run / "data.password")
    cluster = Cluster(data, run / "s", throw_away=True)
    cluster.start()

    def clean() -> None:
        cluster.stop()
        shutil.rmtree(run, ignore_errors=True)

    atexit.register(clean)
    return cluster


if "TANZHANG_TEST_CLUSTER" not in os.environ:
    os.environ.update(_environment(start()))
