"""Children of one supervisor: started by fork, started again when they crash, stopped in order."""

import contextlib
import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.say import say

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
LONGEST_LOG = 20 << 20


def _prctl(option: int, value: int | bytes) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def die_with_parent(by: int = signal.SIGTERM) -> None:
    """After a kill -9 of the supervisor nothing but PostgreSQL is left (Linux)."""
    _prctl(PR_SET_PDEATHSIG, by)


@dataclass
class Child:
    """One long-running part of the product."""

    name: str
    body: Callable[[], object]
    log: Path
    stop_by: int = signal.SIGTERM
    orphaned_by: int = signal.SIGTERM
    patience: float = 10.0
    pid: int = 0
    crashes: int = 0
    started_at: float = 0.0
    due_at: float = field(default=0.0)

    def start(self) -> None:
        """Fork: the libraries are loaded once for all."""
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        self.started_at = time.monotonic()
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._live(parent)

    def _live(self, parent: int) -> None:
        code = 1
        try:
            os.setsid()
            die_with_parent(self.orphaned_by)
            if os.getppid() != parent:
                os._exit(1)  # it died between fork and prctl
            _prctl(PR_SET_NAME, f"tz-{self.name}".encode())
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            _write_to(self.log)
            self.body()
            code = 0
        except SystemExit as leave:
            code = leave.code if isinstance(leave.code, int) else 1
            if isinstance(leave.code, str):
                sys.stderr.write(leave.code + "\n")
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def signal(self, number: int) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def has_ended(self) -> int | None:
        """Its exit code, once."""
        if not self.pid:
            return None
        number, status = os.waitpid(self.pid, os.WNOHANG)
        if number == 0:
            return None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # what it had started ends with it
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while self.pid and time.monotonic() < until:
            if self.has_ended() is not None:
                return True
            time.sleep(0.05)
        return not self.pid

    def stop(self) -> None:
        """Ask, then kill."""
        for number, seconds in ((self.stop_by, self.patience), (signal.SIGKILL, 3)):
            if not self.pid:
                return
            self.signal(number)
            if self.wait(seconds):
                return


def _write_to(log: Path) -> None:
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)


def run_once(name: str, body: Callable[[], object], log: Path) -> None:
    """A step of its own process, so that what it changes in memory ends with it.

    :raises SystemExit: it failed; the text shows the end of its log
    """
    before = log.stat().st_size if log.exists() else 0
    child = Child(name, body, log)
    child.start()
    code = None
    try:
        while code is None:
            time.sleep(0.02)
            code = child.has_ended()
    finally:
        child.stop()
    if code:
        said = log.read_bytes()[before:].decode(errors="replace").strip()
        raise SystemExit(f"{name} failed:\n{said[-3000:]}\n(whole text in {log})")


def look_after(children: list[Child]) -> None:
    """One round: whoever crashed is started again, slower each time."""
    for child in children:
        code = child.has_ended()
        if code is not None:
            lived = time.monotonic() - child.started_at
            child.crashes = 0 if lived > 60 else child.crashes + 1
            pause = min(30.0, 0.5 * 2**child.crashes) if child.crashes > 1 else 0.0
            child.due_at = time.monotonic() + pause
            say(f"{child.name} stopped (exit code {code}); starting it again (see {child.log})")
        if not child.pid and time.monotonic() >= child.due_at:
            child.start()
