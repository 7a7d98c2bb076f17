from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ledger.parties import queries as parties
from reporting.attestations.models import Attestation


@pytest.fixture
def _own_places(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.KEY_DIR, settings.CHECKPOINT_DIR = tmp_path / "keys", tmp_path / "checkpoints"


@pytest.mark.usefixtures("_own_places")
def test_the_demonstration_loads(committed_db, tmp_path):
    call_command("load_reference", verbosity=0)
    call_command("make_keys", demonstration=True, verbosity=0)
    call_command("load_demo")

    assert "manager@demo.example" in (tmp_path / "demo_logins.txt").read_text()
    assert Attestation.objects.count() == 1


@pytest.mark.full
@pytest.mark.usefixtures("_own_places")
@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 31, 15, 59, tzinfo=UTC),  # the last minute of a year in Beijing
        datetime(2027, 1, 1, 0, 30, tzinfo=UTC),  # a year's first morning, and a holiday
        datetime(2027, 2, 8, 3, 0, tzinfo=UTC),  # within the longest holiday
        datetime(2027, 3, 1, 16, 30, tzinfo=UTC),  # another day here than in Greenwich
        datetime(2028, 2, 29, 3, 0, tzinfo=UTC),  # a day that most years have not
    ],
    ids=lambda moment: f"{moment:%Y-%m-%d}",
)
def test_the_demonstration_loads_on_any_day(committed_db, monkeypatch, moment):
    monkeypatch.setattr(timezone, "now", lambda: moment)
    call_command("load_reference", verbosity=0)
    call_command("make_keys", demonstration=True, verbosity=0)
    call_command("load_demo")
    assert parties.parties(kind="PARK_OPERATOR").count() == 1


@pytest.mark.usefixtures("_own_places")
def test_without_a_key_the_demonstration_does_not_begin(committed_db):
    with pytest.raises(CommandError, match="make_keys --demonstration"):
        call_command("load_demo")
    assert not parties.parties(kind="PARK_OPERATOR").exists()
