import hashlib
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from ledger.audit import operations
from ledger.audit.models import Event
from ledger.kernel.actors import SYSTEM

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_an_event_keeps_its_canonical_body_and_leaf_hash():
    operations.record(
        verb="hold.placed", subject="holds.Hold:1", by=SYSTEM, at=NOON, data={"b": 1, "a": "二"}
    )

    event = Event.objects.get()
    assert b'"data":{"a":"\xe4\xba\x8c","b":1}' in bytes(event.body)
    assert bytes(event.leaf_hash) == hashlib.sha256(b"\x00" + bytes(event.body)).digest()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_audit_event SET verb='x'",
        "DELETE FROM ledger_audit_event",
        "TRUNCATE ledger_audit_event",
    ],
)
def test_the_application_cannot_rewrite_the_log(statement):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
