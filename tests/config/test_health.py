import json
import logging

import pytest
from django.test import Client

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
