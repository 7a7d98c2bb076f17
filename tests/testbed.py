"""A throw-away PostgreSQL and Valkey for the tests. Loaded by pytest before Django.

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

import pytest

from config.embedded import packages, valkey
from config.embedded.postgres import APPLICATION, OWNER, Cluster
from tests.golden.lines import pytest_terminal_summary  # noqa: F401  a hook of this plugin

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "tanzhang"
SHAPES: tuple[str, ...] = (
    "*/*/migrations/*.py",
    "*/*/models.py",
    "*/*/models/*.py",
    "config/management/commands/prepare_database.py",
)
# What these wait for happens in other processes, which a busy machine may starve: once more, and
# the closing lines say so (ADR what-may-be-run-again).
TIMED = ("browser", "crashes")
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
        "BROKER_URL": f"redis+socket://{cluster.data.parent}/valkey.sock",
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
    """Copy the template, or make it first; start the copy, and a queue beside it."""
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
    queue = valkey.start(
        data=run / "valkey", address=run / "valkey.sock", log=run / "valkey.log", durable=False
    )

    def clean() -> None:
        queue.terminate()
        queue.wait(10)
        cluster.stop()
        shutil.rmtree(run, ignore_errors=True)

    atexit.register(clean)
    return cluster


def _data_folder() -> str:
    """Files of this process's own, thrown away with its servers."""
    data = Path(os.environ["TANZHANG_TEST_CLUSTER"]).parent / "var"
    data.mkdir(exist_ok=True)
    return str(data)


# Each process of pytest-xdist has servers of its own: what may be sealed depends on every open
# transaction of a cluster, and a worker of the queue takes whatever task it finds.
_PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "only")
if os.environ.get("TANZHANG_TEST_PROCESS") != _PROCESS:
    os.environ.update(_environment(start()))
    os.environ["TANZHANG_TEST_PROCESS"] = _PROCESS
os.environ["TANZHANG_DATA"] = _data_folder()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the tests marked full, too")
    parser.addoption("--golden-dir", help="more golden cases, in this folder")


def pytest_configure(config: pytest.Config) -> None:
    if folder := config.getoption("--golden-dir"):
        os.environ["TANZHANG_GOLDEN_DIR"] = str(Path(folder).resolve())


def pytest_sessionstart(session: pytest.Session) -> None:
    from config.messages import compile_all

    compile_all()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long runs only when asked for; the browser's tests only where there is one."""
    browser = packages.find_chromium()
    if (missing := packages.missing_judges()) and os.environ.get("CI", "").lower() == "true":
        raise pytest.UsageError(f"CI=true and not installed: {' '.join(missing)}")
    for item in items:
        if item.path.relative_to(ROOT).parts[1] in TIMED:
            item.add_marker(pytest.mark.flaky(reruns=1))
        if item.get_closest_marker("full") and not config.getoption("--full"):
            item.add_marker(pytest.mark.skip(reason="a long run: --full"))
        if item.get_closest_marker("browser") and not browser:
            if os.environ.get("CI", "").lower() == "true":
                raise pytest.UsageError("CI=true and there is no Chromium for the browser tests")
            item.add_marker(pytest.mark.skip(reason="NO CHROMIUM: set CHROMIUM=/path/to/it"))
