"""A correction is a linked reversal, once, and within the days of its kind where a source says."""

from datetime import timedelta

import pytest
from django.utils import translation

from ledger.instruments import queries as instruments
from ledger.kernel.ids import new_id
from ledger.units import approvable, operations
from ledger.units.rules import AlreadyReversed, ReversalWindowClosed
from tests.factories.holdings import PARK_MANAGER, holdings, quantities
from tests.factories.units import DAY, NOON

pytestmark = pytest.mark.django_db


def surrendered(scheme):
    account, lot_id = holdings(100, first=1 if scheme == "UKA" else None, scheme=scheme)
    entry = operations.surrender_units(
        lot_id=lot_id, account_id=account.pk, unit_count=10, obligation="2025", happened_on=DAY,
        by=PARK_MANAGER, at=NOON, idempotency_key=str(new_id()),
    ).entry_id  # fmt: skip
    return account, lot_id, entry


def reverse(entry, days):
    return operations.reverse_entry(
        entry_id=entry, happened_on=DAY + timedelta(days=days), by=PARK_MANAGER,
        at=NOON + timedelta(days=days), idempotency_key=str(new_id()), reason="wrong year",
    )  # fmt: skip


def test_a_uk_surrender_goes_back_on_its_fourteenth_day_and_once():
    account, lot_id, entry = surrendered("UKA")
    reverse(entry, 14)
    assert quantities(account.pk, lot_id)["FREE"] == 100
    with pytest.raises(AlreadyReversed):
        reverse(entry, 14)


def test_on_the_fifteenth_it_stays_and_nothing_moves():
    account, lot_id, entry = surrendered("UKA")
    with pytest.raises(ReversalWindowClosed) as refused:
        reverse(entry, 15)
    assert refused.value.params["days"] == 14
    assert quantities(account.pk, lot_id) == {"FREE": 90, "SURRENDERED": 10}


def test_where_no_source_names_a_window_it_is_unlimited_and_said_so():
    _account, _lot, entry = surrendered("CEA")
    assert instruments.get_scheme("CEA").reversal_window("SURRENDER") is None
    with translation.override("en"):
        said = approvable.describe_reversal(
            {"entry_id": str(entry), "happened_on": DAY.isoformat(), "reason": "r"}
        )
    assert "CEA: no source names a window for this; unlimited, unverified." in said
    reverse(entry, 400)


def test_the_window_is_of_the_kind_and_not_of_the_scheme():
    holdings(1, scheme="UKA", first=1)
    window = instruments.get_scheme("UKA").reversal_window
    assert (window("SURRENDER"), window("CANCEL")) == (14, None)
