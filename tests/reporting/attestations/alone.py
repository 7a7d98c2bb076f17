"""The verifier as a stranger has it: one file, Python and `cryptography`; no Django, no network."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management import call_command

# The hook cannot be taken away again; isolated (-I) and without the site's packages (-S).
SHUT = """
import sys
sys.path[:0] = {paths!r}
def shut(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.system")):
        raise RuntimeError("this computer has no network")
sys.addaudithook(shut)
import importlib.util
if importlib.util.find_spec("django") is not None:
    sys.exit(9)
"""
COMMAND = """
from reporting.packages.verifier.__main__ import main
code = main(sys.argv[1:])
loaded = {name.split(".")[0] for name in sys.modules}
sys.exit(8 if loaded & {"django", "celery", "rest_framework"} else code)
"""
WEIGH = (
    COMMAND.rpartition("sys.exit")[0]
    + """
import json
ours = sorted(name for name in sys.modules if name.split(".")[0] in {"ledger", "reporting"})
print(json.dumps([code, [one for one in ours if getattr(sys.modules[one], "__file__", None)]]))
"""
)
JUDGE = """
import json
from pathlib import Path
from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.trust import Policy, Refused
policy = Policy.parse(Path(sys.argv[1]).read_text())
with open(sys.argv[2], "rb") as pile:
    while size := pile.read(8):
        raw = pile.read(int.from_bytes(size, "big"))
        try:
            check_file(raw, policy=policy)
        except Refused as no:
            print(json.dumps(no.item or "?"))
        else:
            print(json.dumps("YES"))
"""


def _run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    import _cffi_backend
    import cryptography

    site, packed = folder / "site", folder / "verifier.pyz"
    if not site.exists():
        site.mkdir()
        for found in (Path(cryptography.__file__).parent, Path(_cffi_backend.__file__)):
            (site / found.name).symlink_to(found)
        call_command("build_verifier", packed, verbosity=0)
    shut = SHUT.format(paths=[str(packed), str(site)])
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", shut + program, *arguments],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip


def verifier(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with its arguments."""
    return _run(folder, COMMAND, *arguments)


def judged(folder: Path, documents: Iterable[bytes], *, trust: str) -> list[Any]:
    """Of each document `YES`, or the item that does not hold."""
    (folder / "trust").write_text(trust)
    with (folder / "pile").open("wb") as pile:
        for one in documents:
            pile.write(len(one).to_bytes(8, "big") + one)
    done = _run(folder, JUDGE, str(folder / "trust"), str(folder / "pile"))
    (folder / "pile").unlink()
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def lines_behind(folder: Path, document: Path, *more: str, trust: str) -> int:
    """How many lines of ours were loaded to find a document good: what its reader has to read."""
    (folder / "trust").write_text(trust)
    done = _run(folder, WEIGH, str(document), "--trust", str(folder / "trust"), *more)
    assert done.returncode == 0, done.stderr
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stdout
    with zipfile.ZipFile(folder / "verifier.pyz") as packed:
        text = {
            name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): packed.read(name)
            for name in packed.namelist()
        }
    lines = [line for one in modules for line in text[one].decode().splitlines()]
    return len([line for line in lines if line.strip()])
