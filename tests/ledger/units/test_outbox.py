"""What is to be sent stands or falls with its entry."""

import pytest

from ledger.jobs.models import OutboxMessage
from ledger.kernel.ids import new_id
from ledger.units.models import Entry
from ledger.units.rules import NotEnoughUnits
from tests.factories.units import FREE, issued, leg, post

NEWS = [("units.tell", {"entry": "1"}), ("units.tell", {"entry": "2"})]


def waiting() -> list[dict]:
    return [row.args for row in OutboxMessage.objects.order_by("id")]


def test_messages_are_written_with_the_entry_and_not_again_on_replay(committed_db):
    ours, theirs = new_id(), new_id()
    lot_id = issued(ours, 10)
    asked = {"legs": leg(lot_id, (ours, FREE), (theirs, FREE), 4), "key": "once", "outbox": NEWS}
    first = post(**asked)
    assert waiting() == [{"entry": "1"}, {"entry": "2"}]
    again = post(**asked)
    assert (again.entry_id, again.replayed) == (first.entry_id, True)
    assert len(waiting()) == 2


def test_a_refused_entry_sends_nothing(committed_db):
    ours, theirs = new_id(), new_id()
    lot_id = issued(ours, 10)
    with pytest.raises(NotEnoughUnits):
        post(leg(lot_id, (ours, FREE), (theirs, FREE), 11), outbox=NEWS)
    assert waiting() == []


def test_a_message_that_cannot_be_written_takes_the_entry_with_it(committed_db):
    ours, theirs = new_id(), new_id()
    lot_id = issued(ours, 10)
    before = Entry.objects.count()
    with pytest.raises(TypeError):
        post(leg(lot_id, (ours, FREE), (theirs, FREE), 4), outbox=[("units.tell", {"x": object()})])
    assert (Entry.objects.count(), waiting()) == (before, [])
