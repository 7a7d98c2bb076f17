"""`manage.py up`, for real: one start, and what may happen to it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded.places import Places
from config.embedded.postgres import CannotStart, Cluster

ROOT = Path(__file__).resolve().parent.parent.parent
SERVERS = ("DATABASE_URL", "DATABASE_ADMIN_URL", "BROKER_URL", "TANZHANG_DATA", "TANZHANG_MODE")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in SERVERS}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=clean_environment(),
    )


def until(truth: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def status(port: int, path: str = "/") -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as page:
            return int(page.status)
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return 0


class Running:
    """One `up` on a data folder and a port of its own."""

    def __init__(self, data: Path) -> None:
        self.data, self.port, self.output = data, free_port(), data.parent / "output.txt"
        self.start()

    def start(self) -> None:
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command("up", "--port", str(self.port), "--data", str(self.data), "--no-demo"),
                stdout=output,
                stderr=subprocess.STDOUT,
                env=clean_environment(),
            )
        until(lambda: "Tanzhang ·" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()

    def said(self) -> str:
        return self.output.read_text()

    def pid(self, part: str) -> int:
        return int((self.data / "run" / f"{part}.pid").read_text())

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    one = Running(tmp_path_factory.mktemp("up") / "data")
    yield one
    with contextlib.suppress(ProcessLookupError):
        one.interrupt()
    Cluster(one.data / "pg" / "data", Places(one.data).sockets).stop()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_first_page_answers_and_the_folder_is_private(running):
    assert 200 <= status(running.port) < 500
    assert status(running.port, "/livez") == 200
    assert running.data.stat().st_mode & 0o077 == 0
    assert (running.data / "secret_key").stat().st_mode & 0o077 == 0


def test_a_second_instance_on_the_same_data_is_refused_with_a_sentence(running):
    done = run("up", "--port", str(free_port()), "--data", str(running.data))
    assert done.returncode == 1
    assert f"Tanzhang is running already on {running.data}" in done.stderr


def test_a_taken_port_is_refused_with_a_sentence(running, tmp_path):
    done = run("up", "--port", str(running.port), "--data", str(tmp_path / "other"))
    assert done.returncode == 1
    assert f"Port {running.port} is taken" in done.stderr


def test_a_folder_of_somebody_elses_things_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    done = run("up", "--port", str(free_port()), "--data", str(tmp_path), "--fresh")
    assert done.returncode == 1
    assert "holds other things" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_crashed_worker_is_started_again(running):
    before = running.pid("worker")
    os.kill(before, signal.SIGKILL)
    until(lambda: running.pid("worker") != before)
    assert "worker stopped (exit code -9); starting it again" in running.said()


def test_after_a_killed_supervisor_the_next_start_attaches_and_ctrl_c_leaves_nothing(running):
    parts = [running.pid(part) for part in ("web", "worker", "beat")]
    postgres = int((running.data / "pg/data/postmaster.pid").read_text().split()[0])
    running.process.kill()
    running.process.wait()
    until(lambda: not any(alive(pid) for pid in parts))
    assert alive(postgres)

    running.start()
    assert int((running.data / "pg/data/postmaster.pid").read_text().split()[0]) == postgres
    assert 200 <= status(running.port) < 500
    parts = [running.pid(part) for part in ("web", "worker", "beat")]

    assert running.interrupt() == 0
    assert not any(alive(pid) for pid in [*parts, postgres])
    assert status(running.port) == 0


def test_fresh_is_refused_for_a_database_that_is_not_ours(tmp_path):
    done = subprocess.run(
        command("up", "--fresh", "--port", str(free_port()), "--data", str(tmp_path / "data")),
        capture_output=True,
        text=True,
        check=False,
        env={**clean_environment(), "DATABASE_URL": "postgresql://a:b@db.example.cn/c"},
    )
    assert done.returncode == 1
    assert "that database is not ours to drop" in done.stderr


@pytest.mark.parametrize("where", ["CHECKPOINT_DIR", "CHECKPOINT_BUCKET"])
def test_fresh_does_not_touch_checkpoints_that_are_kept_elsewhere(tmp_path, where):
    data, kept = tmp_path / "data", tmp_path / "kept" / "latest"
    Places(data).make()
    (data / ".tanzhang-data").touch()
    (data / "files").mkdir()
    kept.parent.mkdir()
    kept.write_text("a signed note")
    done = subprocess.run(
        command("up", "--fresh", "--port", str(free_port()), "--data", str(data)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**clean_environment(), where: str(kept.parent)},
    )
    assert done.returncode == 1
    assert "--fresh is refused" in done.stderr
    assert str(kept.parent) in done.stderr
    assert kept.read_text() == "a signed note"
    assert (data / "files").is_dir()


def test_a_lock_whose_number_now_belongs_to_somebody_else_is_no_server(tmp_path):
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    assert not Cluster(tmp_path, tmp_path / "s").is_running()


def test_data_of_another_major_version_is_refused(tmp_path):
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStart, match="was made by PostgreSQL 9"):
        Cluster(tmp_path, tmp_path / "s").start()


def test_two_checkouts_have_sockets_of_their_own_below_the_length_limit(tmp_path):
    one, other = Places(tmp_path / ("deep/" * 30) / "a"), Places(tmp_path / ("deep/" * 30) / "b")
    assert one.sockets != other.sockets
    assert len(str(one.sockets / ".s.PGSQL.5432")) < 107


def test_a_socket_folder_that_is_a_link_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    places = Places(tmp_path / "data")
    (tmp_path / "elsewhere").mkdir()
    places.sockets.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SystemExit, match="belongs to somebody else"):
        places.make()
