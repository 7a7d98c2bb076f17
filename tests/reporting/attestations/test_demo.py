"""Every honest attestation of the demonstration is accepted offline, in every form it has."""

import json
import shutil
from datetime import datetime
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ledger.jobs.models import Job
from ledger.parties import queries as parties
from reporting.attestations import operations, queries, tasks
from reporting.attestations.models import Attestation, Language
from tests.factories import demo
from tests.reporting.attestations.alone import judged, verifier
from tests.reporting.attestations.forging import flipped, forged_prints

pytestmark = pytest.mark.demo


@pytest.fixture
def park(committed_db: str, settings: Any, tmp_path: Path) -> list[Attestation]:
    """The demonstration's attestations, their prints made as its worker makes them."""
    settings.KEY_DIR = demo.folder() / "keys"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    shutil.copytree(demo.folder() / "checkpoints", settings.CHECKPOINT_DIR)
    for job in Job.objects.filter(task=operations.TASK):
        tasks.print_attestation(job_id=str(job.pk))
    return list(Attestation.objects.order_by("pk"))


def forms_of(row: Attestation) -> list[bytes]:
    prints = [queries.find_print(row.pk, language) for language in Language.values]
    return [
        row.document.encode(),
        *(queries.content_of_print(one) for one in prints if one is not None),
    ]


def test_every_attestation_of_the_demonstration_is_accepted_alone_and_its_forgeries_are_not(
    park, tmp_path
):
    trust = Client().get("/verify/trust").content.decode()
    honest = [form for row in park for form in forms_of(row)]
    assert len(honest) == 3 * len(park) >= 3
    chance = Random(3)  # noqa: S311  a test's dice
    forged = (flipped(honest[0], chance) for _ in range(100))
    papers = (one for _, one in forged_prints(honest[1], honest[2], count=100, seed=4))
    answers = judged(tmp_path, chain(honest, forged, papers), trust=trust)
    assert answers[: len(honest)] == ["YES"] * len(honest)
    assert len(answers) == len(honest) + 200
    assert "YES" not in answers[len(honest) :]


def test_the_demonstrations_attestation_says_everything_that_the_loan_rests_on(park, tmp_path):
    (tmp_path / "trust").write_text(Client().get("/verify/trust").content.decode())
    (tmp_path / "a.json").write_text(park[0].document)
    done = verifier(tmp_path, "a.json", "--trust", "trust", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)["statement"]
    assert said["absent"] == []
    assert said["facility"]["number"] == "YJ-2025-017"
    assert (said["contract"]["number"], said["contract"]["state"]) == ("ZY-2025-017", "PERFECTED")
    assert [one["register"] for one in said["registrations"]] == ["ZDW", "REGISTRY"]
    assert [one["units"] for one in said["valuation"]["marks"]] == [60000]
    assert said["valuation"]["marks"][0]["price"] is not None
    assert said["reconciliation"]["status"] == "AGREES"
    issued = timezone.localdate(datetime.fromisoformat(said["issued_at"]))  # a day in Beijing
    assert said["reconciliation"]["statement_on"] == issued.isoformat()
    assert len(said["reconciliation"]["statement_sha256"]) == 64
    assert said["reconciliation"]["open_breaks"] == 0
    assert "not the constitutive registration" in said["words"]["en"]
    assert "不是质权的设立登记" in said["words"]["zh"]
    assert parties.get_party(park[0].creditor_id).name_zh == said["creditor"]["name_zh"]
