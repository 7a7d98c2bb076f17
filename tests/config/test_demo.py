import pytest
from django.core.management import CommandError, call_command

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


@pytest.mark.usefixtures("_own_places")
def test_without_a_key_the_demonstration_does_not_begin(committed_db):
    with pytest.raises(CommandError, match="make_keys --demonstration"):
        call_command("load_demo")
    assert not parties.parties(kind="PARK_OPERATOR").exists()
