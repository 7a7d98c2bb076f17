"""A missing or odd value stops the start with a sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from config import env, start_check
from tests.conftest import superuser_url

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "TANZHANG_MODE": "production",
    "SECRET_KEY": "k" * 20 + "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
    "ALLOWED_HOSTS": "carbon.example.cn",
    "DATABASE_URL": "postgresql://app:secret@db.example.cn/tanzhang",
    "BROKER_URL": "redis://queue.example.cn:6379/0",
    "AUDIT_ORIGIN": "carbon.example.cn/ledger",
    "PATH": os.environ["PATH"],
    "HOME": os.environ.get("HOME", "/"),
}


def manage(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """A command in production settings."""
    wanted = {**PRODUCTION, **changes}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in wanted.items() if value is not None},
    )


def test_the_deployment_check_is_clean_in_production_settings(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", TANZHANG_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be at least 50 characters"),
        ({"DATABASE_URL": None}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "mysql://a@b/c"}, "DATABASE_URL must look like postgresql://"),
        ({"BROKER_URL": None}, "BROKER_URL is not set"),
        ({"BROKER_URL": "kafka://somewhere"}, "BROKER_URL must be"),
        ({"TANZHANG_MODE": "prod"}, "TANZHANG_MODE must be demo, test or production"),
        ({"DEBUG": "perhaps"}, "DEBUG must be true or false"),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT must be a whole number"),
    ],
)
def test_an_odd_value_stops_the_start_with_a_sentence(changes, sentence, tmp_path):
    done = manage("check", **{"TANZHANG_DATA": str(tmp_path), **changes})
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_every_variable_is_in_the_sample():
    read = re.compile(r'env\.(?:text|flag|whole_number|words|folder)\(\s*"([A-Z0-9_]+)"')
    used = {
        name
        for storey in ("config", "ledger", "finance", "reporting")
        for file in (ROOT / storey).rglob("*.py")
        for name in read.findall(file.read_text())
    }
    listed = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.sample").read_text(), re.MULTILINE))
    assert used - listed == set()


def test_a_file_gives_what_the_environment_does_not(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("# ours\n\nTANZHANG_ONE=1\nTANZHANG_TWO = 'two words'\n")
    monkeypatch.setenv("TANZHANG_ONE", "set already")
    monkeypatch.delenv("TANZHANG_TWO", raising=False)
    env.load_file(file)
    assert env.text("TANZHANG_ONE") == "set already"
    assert os.environ.pop("TANZHANG_TWO") == "two words"


def test_a_broken_line_of_the_file_is_named(tmp_path):
    file = tmp_path / ".env"
    file.write_text("FINE=1\nnot a setting\n")
    with pytest.raises(env.OddEnvironment, match="line 2 must look like NAME=value"):
        env.load_file(file)
    del os.environ["FINE"]


@pytest.mark.django_db
def test_the_application_role_may_start_in_production(settings):
    settings.PRODUCTION = True
    assert start_check.faults() == []


def test_production_refuses_a_login_that_owns_tables(settings, committed_db):
    settings.PRODUCTION = True
    owner = env.DatabaseAddress.parse("X", superuser_url(committed_db)).for_django()
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(USER=owner["USER"], PASSWORD=owner["PASSWORD"])
    try:
        with pytest.raises(env.OddEnvironment, match="owns tables and could rewrite the ledger"):
            start_check.refuse_odd_database()
    finally:
        connection.close()
        connection.settings_dict.update(before)


LONG_RUNNING = {
    "web": ["-c", "import config.wsgi"],
    "worker": [
        "-m",
        "celery",
        "--workdir",
        str(ROOT),
        "-A",
        "config.celery",
        "worker",
        "--pool=solo",
    ],
    "beat": ["-m", "celery", "-A", "config.celery", "beat"],
    "sealer": [str(ROOT / "manage.py"), "seal", "--forever"],
}


@pytest.mark.parametrize("part", LONG_RUNNING)
def test_every_part_refuses_to_start_as_the_owner_of_the_tables(part, committed_db, tmp_path):
    done = subprocess.run(
        [sys.executable, *LONG_RUNNING[part]],
        cwd=tmp_path,  # beat keeps its schedule where it stands
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            **PRODUCTION,
            "DATABASE_URL": superuser_url(committed_db),
            "BROKER_URL": os.environ["BROKER_URL"],
            "TANZHANG_DATA": str(tmp_path),
            "PYTHONPATH": str(ROOT),
        },
    )
    assert done.returncode != 0
    assert "the login of DATABASE_URL owns tables and could rewrite the ledger" in done.stderr
