"""`manage.py lock`: write requirements.lock again from pyproject.toml. Standard library only.

Universal (every platform), hashed, and without the address of any index: where packages come from
is the machine's own configuration.
"""

import os
import subprocess
import sys

from config.embedded.bootstrap import LOCK, MARKER, ROOT, TOOLS, _uv_environment, find_uv
from config.embedded.say import say

HEAD = """\
# Written by `python3 manage.py lock` from pyproject.toml. Do not edit.
# Exact versions and hashes for every platform, installed part by part.
"""


def main(arguments: list[str]) -> None:
    """Compile the three parts; `--upgrade` takes newer versions where pyproject.toml allows."""
    uv = os.environ.get("UV") or find_uv()
    if not uv:
        raise SystemExit("The lock is made by uv, which could not be installed here")
    upgrade = "--upgrade" in arguments
    known = "" if upgrade or not LOCK.exists() else LOCK.read_text()
    runtime = _compile(str(uv), ["embedded"], known)
    both = _compile(str(uv), ["embedded", "test"], known + runtime)
    already = set(_blocks(runtime))
    extra = "".join(block for block in _blocks(both) if block not in already)
    tools = _compile(str(uv), ["tools"], known, only_groups=True)
    parts = {"tools": tools, "runtime": runtime, "test": extra}
    LOCK.write_text(HEAD + "".join(f"\n{MARKER}{name}\n{text}" for name, text in parts.items()))
    say(f"requirements.lock: {sum(len(_blocks(text)) for text in parts.values())} packages")


def _compile(uv: str, groups: list[str], known: str, *, only_groups: bool = False) -> str:
    output = TOOLS / "compiled.txt"
    output.parent.mkdir(exist_ok=True)
    output.write_text(known)  # what is locked already stays as it is
    command = [
        uv,
        "pip",
        "compile",
        "-q",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
    ]
    command += [
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "-o",
        str(output),
    ]
    command += [argument for group in groups for argument in ("--group", group)]
    command += [] if only_groups else ["pyproject.toml"]
    result = subprocess.run(
        command, cwd=ROOT, stderr=sys.stderr, stdout=subprocess.DEVNULL, env=_uv_environment()
    )
    if result.returncode:
        raise SystemExit("uv could not resolve the dependencies")
    return output.read_text()


def _blocks(text: str) -> list[str]:
    """One block per package: its line and its hashes."""
    blocks: list[str] = []
    for line in text.splitlines(keepends=True):
        if line[:1].isalnum():
            blocks.append(line)
        elif line[:1] == " ":
            blocks[-1] += line
    return blocks
