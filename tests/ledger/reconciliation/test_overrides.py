"""Near a deadline two persons lift a block for some days, and whatever it touches says so."""

from datetime import timedelta

import pytest

from ledger.approvals import operations as approvals
from ledger.approvals.rules import MakerIsChecker, StateChanged
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.reconciliation import operations, queries, rules
from ledger.reconciliation.models import Override
from tests.factories import people
from tests.factories.holdings import quantities
from tests.factories.statements import LATER, compare, line, override, statement
from tests.factories.units import DAY
from tests.ledger.reconciliation.test_breaks import surrender, transfer

pytestmark = pytest.mark.django_db
SOON = (LATER + timedelta(days=2)).date()


def ask(place, by, **given):
    return operations.request_override(
        **{
            "account_id": place.account_id,
            "scheme": "CCER",
            "vintage_year": 2025,
            "expires_on": SOON,
            "deadline_on": SOON,
            "reason": "r",
            "summary": ["s"],
            "by": by,
            "at": LATER,
            "idempotency_key": "o",
            **given,
        }
    )


def test_two_persons_lift_the_block_for_some_days_and_it_shows(place, found):
    made = override(place, expires_on=SOON)
    assert made.asked_by == place.maker.user_id
    assert made.granted_by == place.checker.user_id
    entry = transfer(place).entry_id

    (shown,) = queries.overrides_touching(account_ids=[place.account_id], period=Period.year(2026))
    assert (shown.id, shown.reason, shown.break_count) == (made.pk, "清缴在即", 1)
    assert shown.entry_ids == (entry,)
    elsewhere = queries.overrides_touching(account_ids=[new_id()], period=Period.year(2026))
    assert elsewhere == []
    assert queries.overrides_touching(account_ids=[place.account_id], vintage_year=2024) == []


def test_after_its_last_day_it_blocks_again(place, found):
    override(place, expires_on=SOON)
    at = LATER + timedelta(days=2)
    with pytest.raises(rules.OpenBreak):
        transfer(place, happened_on=at.date(), at=at)


def test_an_act_dated_back_into_the_days_of_an_override_that_has_run_out_is_refused(place, found):
    made = override(place, expires_on=SOON)
    over = LATER + timedelta(days=2)
    for act in (transfer, surrender):
        with pytest.raises(rules.OpenBreak):
            act(place, happened_on=LATER.date(), at=over)
    assert quantities(place.account_id, place.lot_id) == {"FREE": 100}

    entry = transfer(place, happened_on=DAY).entry_id  # in its days, dated before them

    (shown,) = queries.overrides_touching(account_ids=[place.account_id])
    assert (shown.id, shown.entry_ids) == (made.pk, (entry,))


def test_nobody_lifts_a_block_alone_or_for_long_or_without_one(place, found):
    alone = place.checker
    asked = ask(place, alone)
    with pytest.raises(MakerIsChecker):
        approvals.approve(approval_id=asked, by=alone, at=LATER)
    with pytest.raises(rules.OverrideTooLong):
        override(place, expires_on=(LATER + timedelta(days=6)).date())
    with pytest.raises(rules.NothingToOverride):
        override(place, expires_on=SOON, vintage_year=2024)
    assert Override.objects.count() == 0


def test_a_block_is_lifted_near_a_deadline_only(place, found):
    today, soon = LATER.date(), LATER.date() + timedelta(days=3)
    for far in (today - timedelta(days=1), today + timedelta(days=31)):
        with pytest.raises(rules.NoDeadlineNear):
            override(place, expires_on=soon, deadline_on=far)
    with pytest.raises(rules.OverrideOutlastsDeadline):
        override(place, expires_on=soon, deadline_on=today + timedelta(days=1))
    assert Override.objects.count() == 0
    made = override(place, expires_on=soon, deadline_on=today + timedelta(days=2))
    assert (made.expires_on, made.deadline_on) == (soon, today + timedelta(days=2))
    assert override(place, expires_on=soon, deadline_on=today + timedelta(days=30))


def test_a_block_asked_for_in_time_is_not_lifted_after_its_deadline(place, found):
    asked = ask(
        place,
        place.maker,
        expires_on=LATER.date() + timedelta(days=2),
        deadline_on=LATER.date() + timedelta(days=1),
    )
    with pytest.raises(rules.OverrideTooLong):
        approvals.approve(approval_id=asked, by=place.checker, at=LATER + timedelta(days=2))
    assert Override.objects.count() == 0


def test_an_override_is_asked_anew_when_another_break_has_come(place, found):
    asked = ask(place, place.maker)
    statement(place.account_id, line(80, 1, space=place.space), as_of=LATER, by=place.maker)
    compare(place.account_id)
    with pytest.raises(StateChanged):
        approvals.approve(approval_id=asked, by=place.checker, at=LATER)


def test_a_break_found_after_the_override_blocks_until_two_persons_lift_it_too(place, found):
    override(place, expires_on=SOON)
    statement(place.account_id, line(80, 1, space=place.space), as_of=LATER, by=place.maker)
    compare(place.account_id)
    with pytest.raises(rules.OpenBreak):
        transfer(place)
    override(place, expires_on=SOON)
    assert transfer(place).entry_id


def test_another_partys_approver_cannot_lift_a_block(place, found):
    stranger = people.make_actor("APPROVER")
    asked = ask(place, place.maker)
    with pytest.raises(NotFound):
        approvals.approve(approval_id=asked, by=stranger, at=LATER)
