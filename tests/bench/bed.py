"""A PostgreSQL of the bench's own, with default durability, on disk."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.db import connection

from config.embedded.postgres import APPLICATION, OWNER, SUPERUSER, Cluster
from config.env import DatabaseAddress

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = "bench"


class Bed:
    """Starts on entering, connects Django to itself, and leaves nothing behind."""

    def __enter__(self) -> "Bed":
        self.folder = Path(tempfile.mkdtemp(prefix="tanzhang-bench-"))
        self.cluster = Cluster(self.folder / "data", self.folder / "s")
        self.cluster.create()
        self.cluster.start()
        self.cluster.create_roles(DATABASE)
        self.python("manage.py", "prepare_database", "--verbosity", "0").check_returncode()
        connection.close()
        address = DatabaseAddress.parse("DATABASE_URL", self.url(APPLICATION))
        connection.settings_dict.update(address.for_django())
        return self

    def __exit__(self, *failure: object) -> None:
        connection.close()
        self.cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, user: str) -> str:
        return self.cluster.url(user, DATABASE)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TANZHANG_MODE": "test",
            "DATABASE_URL": self.url(APPLICATION),
            "DATABASE_ADMIN_URL": self.url(OWNER),
        }

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(  # noqa: PLW1510
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True
        )

    def start_python(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, *arguments]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def sql(self, statement: str, user: str = SUPERUSER) -> list[Any]:
        import psycopg

        with psycopg.connect(self.url(user), autocommit=True) as link:
            done = link.execute(statement)  # type: ignore[call-overload]
            return list(done.fetchall()) if done.description else []

    def age_wal(self, segments: int = 30) -> None:
        """Have log segments to use again, as a server has that is older than an hour: filling a
        new one with zeros takes as long as thousands of transfers.
        """
        for _ in range(segments):
            self.sql("SELECT pg_logical_emit_message(false, 'bench', 'x')")
            self.sql("SELECT pg_switch_wal()")
        self.sql("CHECKPOINT")

    def pgbench(self, script: str, *, clients: int, seconds: float) -> float:
        """Transactions per second of a script."""
        file = self.folder / "script.sql"
        file.write_text(script)
        done = self.cluster.run(
            "pgbench", "-n", "-M", "prepared", "-f", str(file), "-c", str(clients),
            "-j", "1", "-T", str(max(1, round(seconds))), self.url(SUPERUSER),
        )  # fmt: skip
        line = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
        return float(line.split()[2])


def peak_mb() -> int:
    """Of this process, at its highest; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    told = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(told["VmHWM"].split()[0]) // 1024
