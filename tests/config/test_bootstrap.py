"""From nothing but Python to the environment: the lock, and what is never in the way."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded import bootstrap, packages
from config.embedded.test import _shared_out

ROOT = Path(__file__).resolve().parent.parent.parent
BEFORE_THE_ENVIRONMENT = ["bootstrap", "packages", "places", "say", "lock", "__init__"]


@pytest.mark.parametrize("name", BEFORE_THE_ENVIRONMENT)
def test_what_runs_before_the_environment_needs_only_python(name):
    tree = ast.parse((ROOT / "config" / "embedded" / f"{name}.py").read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    assert found <= sys.stdlib_module_names | {"config"}


def test_manage_starts_on_a_bare_python():
    code = "import sys; sys.argv = ['manage.py']; from config.embedded import bootstrap"
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_lock_names_no_index_and_hashes_every_file():
    text = bootstrap.LOCK.read_text()
    assert not re.search(r"https?://|file:|--index|--find-links|--extra", text)
    for part in bootstrap.PARTS:
        lines = bootstrap.read_part(part).splitlines()
        for this, following in zip(lines, [*lines[1:], ""], strict=True):
            if "==" in this:
                assert following.strip().startswith("--hash=sha256:"), this


def test_the_lock_holds_what_the_project_asks_for():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = {
        "runtime": [*project["project"]["dependencies"], *groups["embedded"]],
        "test": groups["test"],
        "tools": groups["tools"],
    }
    for part, requirements in wanted.items():
        names = {line.partition("==")[0] for line in bootstrap.read_part(part).splitlines()}
        asked = {re.split(r"[\[~=<>!]", one)[0].strip() for one in requirements}
        assert asked - names == set(), part


def test_no_package_stands_in_two_parts_at_two_versions():
    seen: dict[str, str] = {}
    for part in ("runtime", "test"):
        for line in bootstrap.read_part(part).splitlines():
            if "==" in line and ";" not in line:
                name, _, version = line.strip(" \\").partition("==")
                assert seen.setdefault(name, version) == version


def test_an_unknown_part_is_refused():
    with pytest.raises(SystemExit, match="has no part 'nothing'"):
        bootstrap.read_part("nothing")


def test_pips_mirror_is_uvs_mirror(monkeypatch):
    listed = "global.index-url='https://mirror.example.cn/simple'\nglobal.timeout='60'\n"

    def answer(command, **_):
        return subprocess.CompletedProcess(command, 0, stdout=listed)

    monkeypatch.setattr(bootstrap.subprocess, "run", answer)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert bootstrap._uv_environment()["UV_DEFAULT_INDEX"] == "https://mirror.example.cn/simple"


def test_a_missing_package_is_named_in_one_line_to_run(monkeypatch):
    monkeypatch.setattr(packages, "_apt", lambda: None)
    with pytest.raises(SystemExit) as refusal:
        packages.require(False, packages.TEXT_LAYOUT, "text layout for reports")
    line = "sudo apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0"
    assert line in str(refusal.value)


def test_the_whole_suite_is_shared_and_a_part_is_not():
    assert _shared_out([])[0] == "-n"
    assert _shared_out([])[2:] == ["--dist", "loadfile", "--no-loadscope-reorder"]
    assert _shared_out(["--full"])[-1] == "--full"
    assert _shared_out(["tests/house"]) == ["tests/house"]
    assert _shared_out(["-k", "hold"]) == ["-k", "hold"]


def test_continuous_integration_calls_the_readmes_command():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert "set -eu" in lines
    assert lines[-1] == "python3 manage.py test"
