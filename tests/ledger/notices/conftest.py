"""A source of facts that the tests fill, and a mail server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from ledger.jobs.models import OutboxMessage
from ledger.kernel.actors import SYSTEM
from ledger.kernel.notices import Fact, Told
from ledger.notices import operations, queries, tasks
from tests.factories.mailbox import Mailbox, mailbox

KIND = "things.due"


@dataclass
class Source:
    """Facts of a kind that only tests know."""

    facts: list[Fact] = field(default_factory=list)

    def collect(self, at: datetime) -> operations.collecting.Collected:
        return operations.collect(kind=KIND, by=SYSTEM, at=at)


def tell(params: Any) -> Told:
    return Told(f"The thing {params['thing']} waits.", f"/admin/things/{params['thing']}/")


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source()
    operations.register(KIND, title="Things", collect=lambda on: iter(made.facts), tell=tell)
    yield made
    queries._kinds.pop(KIND)


@pytest.fixture
def post(settings: Any) -> Iterator[Mailbox]:
    with mailbox(settings) as server:
        yield server


def work() -> int:
    """Do what waits in the outbox for mail, as a worker would; how many mails were asked for."""
    messages = list(OutboxMessage.objects.filter(task="notices.send").order_by("pk"))
    for message in messages:
        tasks.send(**message.args)
    return len(messages)
