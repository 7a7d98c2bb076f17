"""From nothing but Python to the project's own environment. Standard library only.

`manage.py` comes here first. Where the environment `.venv` is missing or older than
`requirements.lock`, it is made; then `manage.py` starts again inside it. What else is active
(a foreign environment, Debian's marked system Python) does not matter.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from config.embedded import packages
from config.embedded.say import done, say

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT, TOOLS, LOCK = ROOT / ".venv", ROOT / ".tools", ROOT / "requirements.lock"
PYTHON = ENVIRONMENT / "bin" / "python3"
PARTS = ("tools", "runtime", "test")
MARKER = "# === part: "
OLDEST = (3, 11)


def enter(command: str) -> None:
    """Return only inside an environment that can run this command; start again in it otherwise."""
    if sys.version_info < OLDEST:
        raise SystemExit(f"Tanzhang needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    if command not in {"up", "test", "lock"} and not PYTHON.exists() and find_spec("django"):
        return  # a container or a package: the libraries stand elsewhere, and on purpose
    _ensure(command)
    if not _inside():
        os.environ.pop("PYTHONHOME", None)
        os.execv(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), *sys.argv[1:]])


def _inside() -> bool:
    return Path(sys.prefix).resolve() == ENVIRONMENT.resolve()


def _ensure(command: str) -> None:
    if ENVIRONMENT.is_symlink():
        return  # linked to another checkout's environment: its owner looks after it
    if _inside() and not find_spec("django"):
        _start_over()  # the system's Python was upgraded below it, or somebody emptied it
    if command in {"up", "test"}:
        packages.require(
            packages.has_text_layout(), packages.TEXT_LAYOUT, "text layout for reports"
        )
    wanted = ("runtime", "test") if command in {"test", "lock"} else ("runtime",)
    missing = [part for part in wanted if not _stamp(part).exists()]
    if missing:
        _build(missing)


def _start_over() -> None:
    base = Path(getattr(sys, "_base_executable", sys.executable))
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    os.execv(base, [str(base), str(ROOT / "manage.py"), *sys.argv[1:]])


def _build(parts: list[str]) -> None:
    packages.require(packages.has_venv(), packages.VENV, "Python's own environments")
    if not _works(PYTHON):
        say("making the environment .venv")
        _venv(ENVIRONMENT, pip=False)
        done()
    uv = find_uv()
    for part in parts:
        say(f"installing the {part} libraries from requirements.lock")
        file = TOOLS / f"requirements-{part}.txt"
        file.write_text(read_part(part))
        _install(file, uv)
        for old in ENVIRONMENT.glob(f".installed-{part}-*"):
            old.unlink()
        _stamp(part).touch()
        done()


def _works(python: Path) -> bool:
    return (
        python.exists() and not subprocess.run([python, "-c", ""], capture_output=True).returncode
    )


def _venv(folder: Path, *, pip: bool) -> None:
    base = getattr(sys, "_base_executable", "") or sys.executable
    command = [base, "-m", "venv", "--clear", *([] if pip else ["--without-pip"]), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, env=_clean_environment())
    if result.returncode:
        raise SystemExit(f"Could not make {folder.name}: {result.stdout}{result.stderr}")


def _clean_environment() -> dict[str, str]:
    """Ours, without what an active foreign environment would slip in."""
    foreign = {
        "PYTHONHOME",
        "PYTHONPATH",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
    }
    return {key: value for key, value in os.environ.items() if key not in foreign}


def read_part(part: str) -> str:
    """The lines of one part of the lock."""
    text = LOCK.read_text()
    _, _, rest = text.partition(f"{MARKER}{part}\n")
    if not rest:
        raise SystemExit(f"requirements.lock has no part {part!r}; make it again: manage.py lock")
    return rest.partition(MARKER)[0]


def _stamp(part: str) -> Path:
    """Named after what was installed: a changed lock is noticed, an unchanged one costs nothing."""
    mark = hashlib.sha256(read_part(part).encode()).hexdigest()[:16]
    return ENVIRONMENT / f".installed-{part}-{mark}"


def find_uv() -> Path | None:
    """uv in `.tools`, installed there by pip if need be; None where it cannot be had."""
    uv = TOOLS / "bin" / "uv"
    if not _works(TOOLS / "bin" / "python3"):
        say("fetching the installer into .tools")
        _venv(TOOLS, pip=True)
        wanted = TOOLS / "requirements-tools.txt"
        wanted.write_text(read_part("tools"))
        _pip(TOOLS / "bin" / "python3", wanted)
        done()
    return uv if uv.exists() else None


def _install(file: Path, uv: Path | None) -> None:
    if uv:
        command = [str(uv), "pip", "install", "-q", "--python", str(PYTHON)]
        # the lock is whole: what a part needs of another part is there already
        command += ["--require-hashes", "--no-deps", "-r", str(file)]
        result = subprocess.run(command, capture_output=True, text=True, env=_uv_environment())
        if result.returncode == 0:
            return
        say(f"uv could not ({result.stderr.strip()[-300:]}); trying pip")
    result = _pip(PYTHON, file)
    if result.returncode:
        raise SystemExit(f"The libraries could not be installed:\n{result.stderr[-2000:]}")


def _pip(python: Path, file: Path) -> subprocess.CompletedProcess[str]:
    """pip of `.tools` installs into the given Python."""
    command = [str(TOOLS / "bin" / "python3"), "-m", "pip", "--python", str(python), "install"]
    command += ["-q", "--no-input", "--disable-pip-version-check", "--no-warn-script-location"]
    command += ["--require-hashes", "--no-deps", "-r", str(file)]
    return subprocess.run(command, capture_output=True, text=True, env=_clean_environment())


# uv does not read pip's configuration, but a machine's mirror is usually named only there.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "HTTPS_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
}


def _uv_environment() -> dict[str, str]:
    command = [str(TOOLS / "bin" / "python3"), "-m", "pip", "config", "list"]
    listed = subprocess.run(
        command, capture_output=True, text=True, env=_clean_environment()
    ).stdout
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        if uv_name := PIP_TO_UV.get(key.rpartition(".")[2]):
            found[uv_name] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    if "UV_FIND_LINKS" in found:
        found["UV_FIND_LINKS"] = found["UV_FIND_LINKS"].replace(" ", ",")
    # Every file is checked against its hash, so it may come from whichever index has it.
    found |= {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_PYTHON_DOWNLOADS": "never"}
    return {**found, **_clean_environment()}
