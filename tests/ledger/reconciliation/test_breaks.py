"""A break from its opening to its closing, what it blocks meanwhile, and who may lift that."""

import pytest

from ledger.accounts import operations as accounts
from ledger.approvals import operations as approvals
from ledger.approvals.rules import MakerIsChecker
from ledger.audit.models import Event
from ledger.holds import operations as holds
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.kernel.ids import new_id
from ledger.parameters.operations import load_seeds
from ledger.reconciliation import checks, operations, queries, rules
from ledger.reconciliation.models import Break
from ledger.units import operations as units
from ledger.units.models import Entry
from ledger.units.queries import get_entry_legs
from tests.factories.holdings import STRANGER, open_account, quantities
from tests.factories.populated import ROOT
from tests.factories.statements import (
    LATER,
    compare,
    covers,
    line,
    said,
    shop,
    statement,
)
from tests.factories.units import DAY, NOON, issued, lot

pytestmark = pytest.mark.django_db


def assigned(one, place):
    operations.assign_breaks(
        break_ids=[one.pk], owner_id=place.maker.user_id, by=place.maker, at=LATER
    )
    one.refresh_from_db()
    return one


def transfer(place, count=1, **given):
    target = given.pop("to", None) or open_account(f"T-{new_id()}", by=place.maker).pk
    return units.transfer_units(
        **{
            "lot_id": place.lot_id,
            "from_account_id": place.account_id,
            "to_account_id": target,
            "unit_count": count,
            "happened_on": LATER.date(),
            "by": place.maker,
            "at": LATER,
            "idempotency_key": str(new_id()),
            **given,
        }
    )


def pledge(place, count=1):
    return holds.place_hold(
        kind="PLEDGE",
        account_id=place.account_id,
        lot_id=place.lot_id,
        unit_count=count,
        in_favour_of=new_id(),
        by=place.maker,
        at=LATER,
        idempotency_key=str(new_id()),
    )


def surrender(place, count=1, **given):
    return units.surrender_units(
        **{
            "lot_id": place.lot_id,
            "account_id": place.account_id,
            "unit_count": count,
            "obligation": "2025",
            "happened_on": LATER.date(),
            "by": place.maker,
            "at": LATER,
            "idempotency_key": str(new_id()),
            **given,
        }
    )


# --- what it blocks


@pytest.mark.parametrize("act", [transfer, pledge, surrender])
def test_an_open_break_blocks_transfer_surrender_and_pledge_of_its_vintage(place, found, act):
    with pytest.raises(rules.OpenBreak) as refused:
        act(place)
    assert refused.value.params["count"] == 1
    assert quantities(place.account_id, place.lot_id) == {"FREE": 100}


def test_another_vintage_of_the_account_is_not_blocked(place, found):
    other = lot(scheme="CCER", vintage_year=2024)
    issued(place.account_id, 5, lot_id=other)
    transfer(place, lot_id=other)
    assert quantities(place.account_id, other) == {"FREE": 4}


def test_retiring_and_setting_aside_are_not_blocked(place, found):
    units.cancel_units(
        lot_id=place.lot_id,
        account_id=place.account_id,
        unit_count=1,
        reason="x",
        happened_on=DAY,
        by=place.maker,
        at=LATER,
        idempotency_key="c",
    )
    assert quantities(place.account_id, place.lot_id) == {"FREE": 99, "CANCELLED": 1}


def test_a_vintage_that_only_the_statement_names_is_blocked_too(place):
    statement(place.account_id, line(100, 1, space=place.space, vintage_year=2024), by=place.maker)
    compare(place.account_id)
    assert queries.blocking_breaks(place.account_id, "CCER", 2024).count() == 1
    assert queries.blocking_breaks(place.account_id, "CCER", 2025).count() == 1


def test_a_closed_break_blocks_no_more(place, found):
    statement(place.account_id, line(100, 1, space=place.space), as_of=LATER, by=place.maker)
    (gone,) = compare(place.account_id)
    with pytest.raises(rules.OpenBreak):
        transfer(place)
    operations.close_break(break_id=gone.pk, reason="settled", by=place.maker, at=LATER)
    transfer(place)


# --- worked to closure


def test_a_break_is_assigned_noted_and_explained(place, found):
    assigned(found, place)
    operations.add_note(break_id=found.pk, text="asked the registry", by=place.maker, at=LATER)
    explained = operations.explain_break(
        break_id=found.pk, text="in transit until Monday", by=place.maker, at=LATER
    )
    assert (explained.state, explained.owner_id) == ("EXPLAINED", place.maker.user_id)
    assert [note.text for note in explained.notes.order_by("written_at", "id")] == [
        "asked the registry",
        "in transit until Monday",
    ]
    bodies = b"".join(bytes(e.body) for e in Event.objects.filter(verb="break.noted"))
    assert b"Monday" not in bodies
    with pytest.raises(rules.OpenBreak):
        transfer(place)


def test_empty_words_and_moves_outside_the_table_are_refused(place, found):
    with pytest.raises(rules.TextMissing):
        operations.add_note(break_id=found.pk, text=" ", by=place.maker, at=LATER)
    with pytest.raises(IllegalTransition):
        operations.explain_break(break_id=found.pk, text="x", by=place.maker, at=LATER)
    assert Break.objects.get().state == "OPEN"


def test_strangers_see_and_touch_nothing(place, found):
    for act in (
        lambda: operations.add_note(break_id=found.pk, text="x", by=STRANGER, at=LATER),
        lambda: operations.close_break(break_id=found.pk, reason="x", by=STRANGER, at=LATER),
        lambda: queries.get_statement(found.statement_id, by=STRANGER),
        lambda: statement(place.account_id, by=STRANGER),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotAllowed):
        operations.compare_account(account_id=place.account_id, by=place.maker, at=LATER)
    assert queries.count_open_breaks(STRANGER) == 0
    assert queries.count_open_breaks(place.maker) == 1


# --- corrections


def corrected(one, place, *, counter=None, lot_id=None):
    """Asked for by the maker, approved by the checker."""
    approval = operations.propose_correction(
        break_id=one.pk,
        reason="registry is right",
        summary=["An entry is posted."],
        by=place.maker,
        at=LATER,
        idempotency_key=str(new_id()),
        counter_account_id=counter,
        lot_id=lot_id,
    )
    one.refresh_from_db()
    assert one.state == "CORRECTING"
    approvals.approve(approval_id=approval, by=place.checker, at=LATER)
    one.refresh_from_db()
    return approval


def test_units_missing_there_leave_by_a_linked_approved_entry_and_the_break_closes(place, found):
    other = open_account("OTHER", by=place.maker)
    approval = corrected(assigned(found, place), place, counter=other.pk)

    assert (found.state, found.closed_at) == ("CLOSED", LATER)
    entry = Entry.objects.get(pk=found.entry_id)
    assert (entry.kind, entry.approval_id, entry.happened_on) == ("CORRECTION", approval, DAY)
    (moved,) = get_entry_legs(entry.pk)
    assert (moved.first_serial, moved.last_serial) == (91, 100)
    assert moved.to_account_id == other.pk
    assert compare(place.account_id) == []
    assert Break.objects.get().reopened_count == 0
    assert list(checks.check_differences_are_breaks()) == []


def test_a_swap_is_corrected_by_two_entries(place):
    other = open_account("OTHER", by=place.maker)
    transfer(place, 10, to=other.pk, ranges=[(91, 100)], happened_on=DAY)
    statement(
        place.account_id,
        line(89, 1, space=place.space),
        line(1, 91, space=place.space),
        by=place.maker,
    )
    for one in compare(place.account_id):
        corrected(assigned(one, place), place, counter=other.pk)
    assert compare(place.account_id) == []
    assert quantities(other.pk, place.lot_id) == {"FREE": 10}


def test_units_missing_here_are_issued_where_our_books_do_not_know_them(place):
    issuer = accounts.open_account(
        holder_id=new_id(), type="ISSUER", registry="CCRC", number="I", by=SYSTEM, at=NOON
    )
    statement(place.account_id, line(110, 1, space=place.space), by=place.maker)
    (one,) = compare(place.account_id)
    corrected(assigned(one, place), place, counter=issuer.pk)
    assert quantities(place.account_id, place.lot_id) == {"FREE": 110}
    assert compare(place.account_id) == []


def test_a_retirement_that_we_missed_is_entered(place):
    both = [covers(states=("FREE", "RETIRED"))]
    statement(
        place.account_id,
        line(60, 1, space=place.space),
        line(40, 61, space=place.space, state="RETIRED"),
        coverage=both,
        by=place.maker,
    )
    (one,) = compare(place.account_id)
    corrected(assigned(one, place), place)
    assert quantities(place.account_id, place.lot_id) == {"FREE": 60, "RETIRED": 40}
    assert compare(place.account_id) == []


def test_a_total_needs_to_know_where_to(place):
    statement(place.account_id, line(97), by=place.maker)
    (one,) = compare(place.account_id)
    assert said(one) == ("QUANTITY", None, None, 3)
    with pytest.raises(rules.CounterpartNeeded):
        corrected(assigned(one, place), place)


def test_a_total_is_corrected_from_the_only_lot():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    place = shop(serials=False)
    other = open_account("OTHER", by=place.maker)
    statement(place.account_id, line(97), by=place.maker)
    (one,) = compare(place.account_id)
    corrected(assigned(one, place), place, counter=other.pk)
    assert quantities(other.pk, place.lot_id) == {"FREE": 3}
    assert compare(place.account_id) == []


def test_what_no_entry_can_correct_is_refused_before_anybody_is_asked(place):
    statement(place.account_id, line(100, 1, space=place.space, vintage_year=2024), by=place.maker)
    (one,) = compare(place.account_id)
    with pytest.raises(rules.NotCorrectable):
        corrected(assigned(one, place), place)
    one.refresh_from_db()
    assert (one.state, Entry.objects.filter(kind="CORRECTION").count()) == ("ASSIGNED", 0)


def test_nobody_corrects_alone(place, found):
    other = open_account("OTHER", by=place.maker)
    asked = operations.propose_correction(
        break_id=assigned(found, place).pk,
        reason="r",
        summary=["s"],
        by=place.checker,
        at=LATER,
        idempotency_key="k",
        counter_account_id=other.pk,
    )
    with pytest.raises(MakerIsChecker):
        approvals.approve(approval_id=asked, by=place.checker, at=LATER)
    assert quantities(place.account_id, place.lot_id) == {"FREE": 100}


# --- I41


def test_the_verifier_finds_a_difference_without_a_break(place, found):
    assert list(checks.check_differences_are_breaks()) == []
    Break.objects.filter(pk=found.pk).update(
        state="CLOSED", closed_at=LATER, closed_by=place.maker.user_id
    )
    (fault,) = checks.check_differences_are_breaks()
    assert fault.kind == "reconciliation.unanswered"
    assert "91–100" in fault.text
