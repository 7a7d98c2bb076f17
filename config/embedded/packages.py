"""System packages that no wheel brings: found by trying, installed by apt when we may.

Standard library only.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from config.embedded.say import done, say

VENV = ("python3-venv",)
TEXT_LAYOUT = ("libpangoft2-1.0-0", "libharfbuzz-subset0")
CHROMIUM = ("chromium",)


def has_venv() -> bool:
    """Debian ships Python without ensurepip unless python3-venv is there."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def has_text_layout() -> bool:
    """WeasyPrint lays out the report with Pango, and HarfBuzz cuts the Chinese font to size."""
    if sys.platform != "linux":
        return True
    try:
        for library in ("libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"):
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


def find_chromium() -> str | None:
    """CHROMIUM, the system's, or the one that the browser library fetched for itself."""
    if named := os.environ.get("CHROMIUM"):
        return named
    for name in ("chromium", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    fetched = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    return str(fetched[-1]) if fetched else None


def _apt() -> list[str] | None:
    """How to call apt-get without being asked anything, or None."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    if (
        shutil.which("sudo")
        and not subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode
    ):
        return ["sudo", "-n", "apt-get"]
    return None


def install(packages: Iterable[str], why: str) -> bool:
    """Install by apt; False where we may not or it failed."""
    apt = _apt()
    if apt is None:
        return False
    names = list(packages)
    say(f"installing {' '.join(names)} ({why})")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*apt, "-qq", "install", "-y", "--no-install-recommends", *names]
    for step in (command, [*apt, "-qq", "update"], command):
        result = subprocess.run(step, capture_output=True, text=True, env=quiet)
        if result.returncode == 0 and step is command:
            done()
            return True
    say(f"apt-get could not: {result.stderr.strip().splitlines()[-1:] or 'no reason given'}")
    return False


def command_line(packages: Iterable[str]) -> str:
    """The one line for somebody who may."""
    return f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def require(found: bool, packages: tuple[str, ...], why: str) -> None:
    """Stop with the one line to run where a package is missing and we may not install it."""
    if found or install(packages, why):
        return
    raise SystemExit(
        f"Missing: {why}. Please run this line, then start again:\n  {command_line(packages)}"
    )
