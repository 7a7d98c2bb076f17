"""`manage.py up`: the whole product on one machine, from nothing to the first page."""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path

from config import env
from config.embedded import valkey
from config.embedded.children import Child, look_after, run_once
from config.embedded.places import DATABASE, OWNER, Places
from config.embedded.postgres import CannotStart, Cluster
from config.embedded.say import done, say, tell

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ".tanzhang-data"


def parser() -> argparse.ArgumentParser:
    """What `up` may be told."""
    options = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    options.add_argument("--port", type=int, default=8000, help="address of the web pages (8000)")
    options.add_argument("--host", default="127.0.0.1", help="who may reach them (this machine)")
    options.add_argument("--data", type=Path, help="folder that keeps everything (var/)")
    options.add_argument("--fresh", action="store_true", help="throw the data away first")
    options.add_argument(
        "--no-demo", action="store_true", help="start empty, without the demo park"
    )
    return options


def main(arguments: list[str]) -> None:
    """Start, say where, look after the parts, and stop them in order."""
    env.load_file(ROOT / ".env")
    options = parser().parse_args(arguments)
    data = (options.data or env.folder("TANZHANG_DATA", default=ROOT / "var")).resolve()
    os.environ["TANZHANG_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    signal.signal(signal.SIGINT, _leave)  # a script's background job would ignore it
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    instance = Instance(Places(data), options)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            with instance.locked():
                instance.run()
        except CannotStart as reason:
            raise SystemExit(f"Tanzhang cannot start: {reason}") from None


def _leave(number: int, frame: object) -> None:
    raise KeyboardInterrupt


class Instance:
    """One running product on one data folder."""

    def __init__(self, places: Places, options: argparse.Namespace) -> None:
        self.places, self.options = places, options
        self.own_database = not os.environ.get("DATABASE_URL")
        self.own_broker = not os.environ.get("BROKER_URL")
        self.cluster: Cluster | None = None
        self.children: list[Child] = []
        self.broker: subprocess.Popen[bytes] | None = None

    # --- one at a time

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """:raises SystemExit: another instance runs on this data"""
        self._check_folder()
        self.places.make()
        (self.places.data / OURS).touch()
        with (self.places.data / "lock").open("a+") as lock:
            self._take(lock.fileno())
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def _check_folder(self) -> None:
        data = self.places.data
        if data.exists() and not data.is_dir():
            raise SystemExit(f"--data must be a folder; {data} is a file")
        strange = data.is_dir() and any(data.iterdir()) and not (data / OURS).exists()
        if strange and self.options.data:
            raise SystemExit(f"--data: {data} holds other things; give an empty or a new folder")

    def _take(self, lock: int) -> None:
        """Parts of a killed supervisor hold the lock until they are gone: wait for these only."""
        for _ in range(100):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            holder = (self.places.data / "lock").read_text().strip()
            if holder.isdigit() and Path(f"/proc/{holder}").exists():
                raise SystemExit(
                    f"Tanzhang is running already on {self.places.data} (process {holder}). "
                    "Stop it there with Ctrl-C, or give another folder with --data."
                )
            time.sleep(0.1)
        raise SystemExit("Parts of the previous run are still finishing; try again in a minute.")

    # --- the sequence

    def run(self) -> None:
        self._check_port()
        try:
            if self.options.fresh:
                self._throw_away()
            if self.own_database:
                self._start_database()
            if self.own_broker:
                self._start_broker()
            if env.text("TANZHANG_MODE", "demo") != "production":
                self.places.make_secret_key()
            self._load()
            self._prepare()
            self._start_parts()
            self._wait_for_first_page()
            self._greet()
            self._stay()
        finally:
            self._stop()

    def _check_port(self) -> None:
        for last in (False,) * 50 + (True,):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.options.host, self.options.port))
                    return
                except OSError as reason:
                    fresh_start = not list(self.places.run.glob("*.pid"))
                    if last or fresh_start:
                        raise SystemExit(
                            f"Port {self.options.port} is taken ({reason.strerror}). "
                            f"Give another one: manage.py up --port {self.options.port + 1}"
                        ) from None
            time.sleep(0.1)  # the web part of a killed supervisor is leaving

    def _throw_away(self) -> None:
        if env.text("TANZHANG_MODE", "demo") == "production":
            raise SystemExit("--fresh is refused in production")
        if not self.own_database:
            raise SystemExit(
                "--fresh is refused with DATABASE_URL: that database is not ours to drop"
            )
        self._leave_checkpoints_alone()
        say("throwing the old data away")
        if self.places.postgres.exists():
            Cluster(self.places.postgres, self.places.sockets).stop()
        for entry in self.places.data.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name not in {"lock", OURS}:
                entry.unlink()
        self.places.make()

    def _leave_checkpoints_alone(self) -> None:
        """Checkpoints kept elsewhere bear witness against a lost database: not ours to delete."""
        elsewhere = env.folder("CHECKPOINT_DIR", default=self.places.data)
        bucket = env.text("CHECKPOINT_BUCKET", "")
        if bucket:
            raise SystemExit(
                f"--fresh is refused with CHECKPOINT_BUCKET: the checkpoints in {bucket} are of "
                "the old log, and a new one would not seal beside them; name another bucket"
            )
        is_outside = not elsewhere.is_relative_to(self.places.data)
        if is_outside and elsewhere.is_dir() and any(elsewhere.iterdir()):
            raise SystemExit(
                f"--fresh is refused: the checkpoints in {elsewhere} are of the old log, and a new "
                "one would not seal beside them; empty that folder, or name another in "
                "CHECKPOINT_DIR"
            )

    def _start_database(self) -> None:
        self.cluster = Cluster(self.places.postgres, self.places.sockets)
        say("starting PostgreSQL")
        if not self.cluster.exists():
            shutil.rmtree(self.places.postgres, ignore_errors=True)  # a half-made one
            self.cluster.create()
        self.cluster.start()
        self.cluster.create_roles(DATABASE)
        os.environ["DATABASE_URL"] = self.places.database_url() or ""
        os.environ["DATABASE_ADMIN_URL"] = self.places.database_url(OWNER) or ""
        done()

    def _start_broker(self) -> None:
        say("starting Valkey")
        self.broker = self._new_broker()
        os.environ["BROKER_URL"] = self.places.broker_url() or ""
        done()

    def _new_broker(self) -> subprocess.Popen[bytes]:
        return valkey.start(
            data=self.places.valkey,
            address=self.places.valkey_socket,
            log=self.places.logs / "valkey.log",
        )

    def _load(self) -> None:
        say("loading the product")
        # seals on documents lead here, unless this is real life with an address of its own
        if env.text("TANZHANG_MODE", "demo") != "production":
            os.environ.setdefault("VERIFY_ADDRESS", f"{self._address()}verify")
        import django

        # Static files come from where they lie (WHITENOISE_USE_FINDERS); nothing is collected here.
        warnings.filterwarnings("ignore", message="No directory at")
        django.setup()
        from config import messages

        messages.compile_all()  # before the pages: the forked parts keep the texts they read
        from config import wsgi  # noqa: F401  its pages are loaded once, for every part

        done()

    def _prepare(self) -> None:
        from django.core.management import get_commands

        known = get_commands()
        log = self.places.logs / "prepare.log"
        first_demo = self.places.data / "demo_loaded"
        steps: list[tuple[str, str, list[str], Path | None]] = [
            ("preparing the tables", "prepare_database", [], None),
            ("loading reference data", "load_reference", [], None),
        ]
        if (
            env.text("TANZHANG_MODE", "demo") != "production"
        ):  # its keys are made with care, by hand
            steps.append(("signing keys", "make_keys", ["--demonstration"], None))
            if not self.options.no_demo and not first_demo.exists():
                steps.append(("loading the demo park", "load_demo", [], first_demo))
        for title, command, arguments, mark in steps:
            if command not in known:
                continue
            say(title)
            run_once(title, lambda c=command, a=arguments: _call(c, a), log)  # type: ignore[misc]
            if mark:
                mark.touch()
            done()

    def _start_parts(self) -> None:
        from django.core.management import get_commands

        from config.embedded import parts

        logs = self.places.logs
        address = f"{self.options.host}:{self.options.port}"
        self.children = [
            Child("web", lambda: parts.web(address), logs / "web.log"),
            # Killed at once when orphaned: an unfinished task is not acknowledged, and comes again.
            Child("worker", parts.worker, logs / "worker.log", orphaned_by=signal.SIGKILL),
            Child("beat", lambda: parts.beat(self.places.run), logs / "beat.log", patience=3),
        ]
        if "seal" in get_commands():
            self.children.append(
                Child("sealer", lambda: _call("seal", ["--forever"]), logs / "sealer.log")
            )
        say("starting " + ", ".join(child.name for child in self.children))
        for child in self.children:
            child.start()
            self._note(child)

    def _note(self, child: Child) -> None:
        (self.places.run / f"{child.name}.pid").write_text(str(child.pid))

    def _address(self) -> str:
        host = "127.0.0.1" if self.options.host in {"0.0.0.0", "::"} else self.options.host  # noqa: S104
        return f"http://{host}:{self.options.port}/"

    def _wait_for_first_page(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            look_after(self.children)
            with contextlib.suppress(OSError):
                request = urllib.request.Request(self._address(), headers={"Host": "localhost"})  # noqa: S310
                try:
                    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
                except urllib.error.HTTPError as answer:
                    if answer.code >= 500:
                        web_log = self.places.logs / "web.log"
                        raise SystemExit(
                            f"The first page fails ({answer.code}); see {web_log}"
                        ) from None
                done()
                return
            time.sleep(0.1)
        raise SystemExit(f"The first page does not come; see {self.places.logs / 'web.log'}")

    def _greet(self) -> None:
        tell(f"\n碳账 Tanzhang · {self._address()}\n")
        if self.places.demo_logins.is_file() and not self.options.no_demo:
            tell(self.places.demo_logins.read_text())
        from config.start import views as start

        if not start.is_founded():
            tell(f"empty: found the operator at {self._address()}start/?code={start.setup_code()}")
        tell(f"data and logs: {self.places.data}   ·   Ctrl-C stops everything\n")

    def _stay(self) -> None:
        while True:
            before = [child.pid for child in self.children]
            look_after(self.children)
            for child, pid in zip(self.children, before, strict=True):
                if child.pid and child.pid != pid:
                    self._note(child)
            if self.broker and self.broker.poll() is not None:
                say(f"Valkey stopped (exit code {self.broker.returncode}); starting it again")
                self.broker = self._new_broker()
            if self.cluster and not self.cluster.is_running():
                say("PostgreSQL stopped; starting it again")
                self.cluster.start()
            time.sleep(0.5)

    def _stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # once is enough
        if self.children or self.broker or self.cluster:
            say("stopping")
        for child in self.children:  # all at once, then wait in order
            child.signal(child.stop_by)
        for child in self.children:
            child.stop()
            (self.places.run / f"{child.name}.pid").unlink(missing_ok=True)
        if self.broker:
            self.broker.terminate()
            self.broker.wait(10)
        if self.cluster and self.cluster.exists():
            self.cluster.stop()
        if self.cluster or self.broker:
            done("stopped")


def _call(command: str, arguments: list[str]) -> None:
    from django.core.management import call_command

    call_command(command, *arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
