import json
import logging
from datetime import timedelta

import pytest
from django.test import Client

from config import health
from ledger.audit.queries import SealState
from ledger.jobs import operations
from tests.ledger.jobs.test_jobs import NOON


def test_the_process_is_alive_without_a_database():
    assert Client().get("/livez").json() == {"alive": True}


@pytest.mark.django_db
def test_an_old_message_in_the_outbox_is_named():
    operations.send_later(task="test.nothing", args={}, at=NOON)

    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert "has waited" in answer.json()["wrong"]["outbox"]


@pytest.mark.parametrize(
    ("unsealed", "held_back", "said"),
    [
        (5, 0, ""),
        (0, 300, ""),  # a large import is being taken in: no reason to give work to others
        (61, 0, "the oldest event has waited 61 s for its seal"),
        (5, 901, "an open transaction has held seals back for 901 s"),
    ],
)
def test_the_alarm_of_seals_tells_a_dead_sequencer_from_a_long_import(
    monkeypatch, unsealed, held_back, said
):
    state = SealState(
        sealed_count=9,
        unsealed_count=2,
        held_back_count=1,
        oldest_unsealed_age=timedelta(seconds=unsealed),
        oldest_held_back_age=timedelta(seconds=held_back),
        latest_checkpoint=None,
        is_behind_outside=False,
    )
    monkeypatch.setattr("ledger.audit.queries.seal_state", lambda: state)
    assert health.CHECKS["seal"](NOON) == said


def test_a_log_line_is_json_with_its_fields(capsys):
    from config.logging import configure

    made = configure(as_json=True)
    formatter = made["formatters"]["lines"]["()"](
        processor=made["formatters"]["lines"]["processor"],
        foreign_pre_chain=made["formatters"]["lines"]["foreign_pre_chain"],
    )
    line = formatter.format(
        logging.makeLogRecord({"msg": "绿证", "levelname": "INFO", "name": "x"})
    )
    assert json.loads(line)["event"] == "绿证"
