"""`manage.py test`: everything, against servers of its own and in a real browser."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from config.embedded import packages
from config.embedded.say import done, say, tell

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> None:
    """Look for what the tests call, then become pytest; its exit code is ours."""
    options, rest = _parser().parse_known_args(arguments)
    if options.pg_bin:
        if not (options.pg_bin / "initdb").exists():
            raise SystemExit(f"--pg-bin: there is no initdb in {options.pg_bin}")
        os.environ["PG_BIN"] = str(options.pg_bin.resolve())
    for name in ("DATABASE_URL", "DATABASE_ADMIN_URL", "BROKER_URL", "TANZHANG_DATA"):
        if os.environ.pop(name, None):
            say(f"{name} is left aside: tests only run against servers of their own")
    _find_browser()
    _find_judges()
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *_shared_out(rest)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manage.py test",
        description=__doc__,
        epilog="--full runs the long tests, too. Everything else is handed to pytest.",
        allow_abbrev=False,
    )
    parser.add_argument("--pg-bin", type=Path, help="folder with initdb of another PostgreSQL")
    return parser


def _shared_out(arguments: list[str]) -> list[str]:
    """The whole suite is shared by processes, the long files first; a part is quicker in one."""
    whole = not any(Path(word.partition("::")[0]).exists() for word in arguments)
    told = any(word.startswith(("-n", "-p", "-k", "-m", "--co", "--pdb")) for word in arguments)
    if told or not whole:
        return arguments
    return ["-n", str(_processes()), "--dist", "loadfile", "--no-loadscope-reorder", *arguments]


def _processes() -> int:
    """One more than there are cores: browsers, servers and disks are waited for."""
    return min(len(os.sched_getaffinity(0)) + 1, 6)


def _find_browser() -> None:
    """Chromium from Debian, else the browser library's own, else those tests are skipped loudly."""
    if packages.find_chromium() or packages.install(packages.CHROMIUM, "for the browser tests"):
        return
    say("fetching Chromium for the browser tests")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(command, capture_output=True).returncode == 0 and packages.find_chromium():
        done()
        return
    sentence = "There is no Chromium, and it could not be installed"
    if os.environ.get("CI", "").lower() == "true":
        raise SystemExit(f"{sentence}: with CI=true that is a failure.")
    tell(f"\n*** {sentence}: THE BROWSER TESTS ARE SKIPPED. ***\n")


def _find_judges() -> None:
    """openssl and pdfsig from Debian, else the tests that need them are skipped loudly."""
    missing = packages.missing_judges()
    if not missing or packages.install(missing, "for the tests of signatures"):
        return
    sentence = f"There is no {' and no '.join(missing)}, and it could not be installed"
    if os.environ.get("CI", "").lower() == "true":
        raise SystemExit(f"{sentence}: with CI=true that is a failure.")
    tell(f"\n*** {sentence}: TESTS OF SIGNATURES ARE SKIPPED. ***\n")
