"""What the machine keeps of the house's rules (see CONTRIBUTING.md)."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.core.management import call_command

from config import messages
from ledger.doors.tables import TableKind

ROOT = Path(__file__).resolve().parent.parent.parent
STOREYS = ("config", "ledger", "finance", "reporting")
OURS = [
    file
    for storey in STOREYS
    for file in sorted((ROOT / storey).rglob("*.py"))
    if "migrations" not in file.parts
]
DOORS = {"admin.py", "rest.py", "views.py", "tasks.py", "middleware.py", "runner.py"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_imports_run_only_downwards():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_models_and_rules_are_private_to_their_room():
    graph = grimp.build_graph("ledger", "finance", "reporting")
    trespassers = [
        (importer, module)
        for module in graph.modules
        if module.split(".")[-1] in {"models", "rules"} and module.count(".") == 2
        for importer in graph.find_modules_that_directly_import(module)
        if importer.split(".")[:2] != module.split(".")[:2]
    ]
    assert trespassers == []


def test_no_float_in_ledger_and_finance():
    guilty = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in OURS
        if file.relative_to(ROOT).parts[0] in {"ledger", "finance"}
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.Name) and node.id == "float")
        or (
            isinstance(node, ast.Constant) and type(node.value) is float and "beat" not in str(file)
        )
    ]
    assert guilty == []


def test_the_clock_is_read_only_at_doors():
    guilty = []
    for file in OURS:
        place = file.relative_to(ROOT)
        if file.name in DOORS or {"admin", "management", "views"} & set(place.parts):
            continue
        if place.parts[0] == "config" or place.parts[:2] == ("ledger", "doors"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if text in {"timezone.now", "datetime.now", "date.today", "timezone.localdate"}:
                guilty.append(f"{place}:{node.lineno}")
    assert guilty == []


def test_no_signals():
    assert [str(f) for f in OURS if "db.models.signals" in f.read_text()] == []


def operations():
    for file in OURS:
        if file.stem == "operations" or "operations" in file.parts:
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            yield module, file


def test_every_guarded_operation_takes_by_and_at_by_keyword():
    guilty = []
    for module, file in operations():
        for node in ast.parse(file.read_text()).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            if not any(ast.unparse(one) == "operation" for one in node.decorator_list):
                continue
            keywords = {argument.arg for argument in node.args.kwonlyargs}
            if not {"by", "at"} <= keywords or node.args.args:
                guilty.append(f"{module}.{node.name}")
    assert guilty == []


def test_every_table_of_ours_has_a_kind():
    ours = [m for m in apps.get_models() if m.__module__.split(".")[0] in STOREYS]
    assert ours
    assert [m.__name__ for m in ours if getattr(m, "table_kind", None) is None] == []


@pytest.mark.django_db
def test_append_only_tables_have_their_trigger():
    without = [
        model.__name__
        for model in apps.get_models()
        if getattr(model, "table_kind", None) is TableKind.APPEND_ONLY
        and not any(t.name == "append_only" for t in getattr(model._meta, "triggers", []))
    ]
    assert without == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_sentence_has_its_chinese():
    missing = [f"{s.file.relative_to(ROOT)}:{s.line}: {s.text}" for s in messages.untranslated()]
    assert missing == []


def test_a_text_has_one_chinese():
    """Catalogues are one at run time; where one English word means two things, use a context."""
    assert messages.contradictions() == {}


def test_every_chinese_entry_is_said_somewhere():
    assert messages.unused() == []


def test_ruff_has_nothing_to_say():
    for command in (("check",), ("format", "--check")):
        done = run("ruff", *command, ".")
        assert done.returncode == 0, done.stdout[-3000:]


def test_types_hold():
    done = run("mypy")
    assert done.returncode == 0, done.stdout[-3000:]


def test_templates_are_tidy():
    done = run("djlint", "templates", "--lint", "--quiet")
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_moment_has_its_by():
    """A moment that somebody causes says who: `…_at` beside `…_by`, on tables that people write."""
    exempt = {"alive_at", "finished_at", "next_try_at", "sent_at", "created_at", "expires_at"}
    exempt |= {"as_of_at", "old_secret_until_at"}
    lonely = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in STOREYS
        and model.table_kind in {TableKind.APPEND_ONLY, TableKind.STATEFUL}
        for field in model._meta.concrete_fields
        if field.name.endswith("_at")
        and field.name not in exempt
        and not any(
            other.name in {field.name[:-3] + "_by", "by", "actor_id", "user_id", "user"}
            for other in model._meta.concrete_fields
        )
    ]
    assert lonely == []


def test_files_stay_small_enough_to_read():
    """400 lines is the second look; a longer file is cut along its meaning."""
    long = {
        str(file.relative_to(ROOT)): lines
        for file in OURS
        if (lines := file.read_text().count("\n")) > 450
    }
    assert long == {}


def test_every_decision_is_in_the_index():
    place = ROOT / "docs" / "adr"
    index = (place / "README.md").read_text()
    pages = {page.name for page in place.glob("*.md")} - {"README.md"}
    assert sorted(page for page in pages if f"]({page})" not in index) == []
    assert sorted(set(re.findall(r"\]\(([^)]+)\)", index)) - pages) == []
