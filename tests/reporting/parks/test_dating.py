"""Boundaries and tenants dated anew: the old version ends, the next begins, nothing is edited."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from ledger.audit.models import Event
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.periods import Period
from ledger.parties.models import Party
from reporting.parks import models, operations, queries, rules
from reporting.parks.states import BoundaryKind
from tests.factories.readings import NOON

START, APRIL = date(2025, 1, 1), date(2025, 4, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    party = Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="梅山园区")
    return Actor(uuid4(), party.pk, frozenset({Role.CARBON_MANAGER}))


@pytest.fixture
def park(manager):
    return operations.register_park(
        code="MS", name_zh="梅山", province="330000", by=manager, at=NOON
    )


@pytest.fixture
def act(manager):
    return {"by": manager, "at": NOON}


@pytest.fixture
def whole(park, act):
    return operations.draw_boundary(
        park_id=park.id, kind=BoundaryKind.WHOLE, name="全园", valid_from=START, **act
    )


@pytest.fixture
def tenant(park, act):
    return operations.admit_tenant(
        park_id=park.id, code="T1", name_zh="甲", equity_share=Decimal("0.4"),
        has_operational_control=False, valid_from=START, **act,
    )  # fmt: skip


@pytest.fixture
def frozen(monkeypatch):
    """Inventories of every park are frozen up to April."""
    monkeypatch.setattr(queries, "frozen_until", [lambda park_id: APRIL])


def change(tenant_id, day, act, **terms):
    given = {"equity_share": Decimal("0.6"), "has_operational_control": True}
    given |= {"has_financial_control": False, **terms}
    return operations.change_terms(tenant_id=tenant_id, valid_from=day, **given, **act)


def test_a_boundary_drawn_anew_ends_the_one_before_and_leaves_it_as_it_was(park, whole, act):
    operations.redraw_boundary(
        boundary_id=whole, valid_from=APRIL, description_zh="含二期", name="全园", **act
    )
    told = models.Boundary.objects.order_by("valid_from")
    assert list(told.values_list("description_zh", "valid_from", "valid_to")) == [
        ("", START, APRIL), ("含二期", APRIL, None),
    ]  # fmt: skip
    march = queries.boundaries_of(park.id, Period.month(2025, 3))
    assert [one.description_zh for one in march] == [""]
    verbs = Event.objects.filter(subject__startswith="parks.Boundary").order_by("id")
    assert [one.verb for one in verbs] == ["boundary.drawn", "boundary.ended", "boundary.redrawn"]
    assert list(queries.rows_match_events()) == []


def test_parks_within_the_park_stand_beside_the_whole_each_alone_under_its_name(park, whole, act):
    within = {"park_id": park.id, "kind": BoundaryKind.SUB_PARK, **act}
    operations.draw_boundary(name="港区", valid_from=START, **within)
    operations.draw_boundary(name="化工区", valid_from=START, **within)
    with pytest.raises(rules.DatesOverlap):
        operations.draw_boundary(name="港区", valid_from=APRIL, **within)
    assert models.Boundary.objects.count() == 3


@pytest.mark.parametrize("valid_to", [None, date(2025, 6, 1)])
def test_there_is_one_whole_park_on_a_day(park, whole, act, valid_to):
    with pytest.raises(rules.DatesOverlap):
        operations.draw_boundary(
            park_id=park.id, kind=BoundaryKind.WHOLE, name="别", valid_from=APRIL,
            valid_to=valid_to, **act,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Boundary.objects.create(
            park_id=park.id, kind=BoundaryKind.WHOLE, name="别", valid_from=APRIL
        )
    assert models.Boundary.objects.count() == 1


def test_a_tenants_other_terms_are_a_version_of_their_own(park, tenant, act):
    change(tenant, APRIL, act)
    march, may = (queries.tenants_of(park.id, Period.month(2025, month)) for month in (3, 5))
    assert [(one.equity_share, one.has_operational_control) for one in march] == [
        (Decimal("0.4"), False)
    ]
    assert [(one.code, one.equity_share, one.has_financial_control) for one in may] == [
        ("T1", Decimal("0.6"), False)
    ]
    assert list(queries.rows_match_events()) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Tenant.objects.filter(valid_from=APRIL).update(valid_from=date(2025, 3, 1))


def test_each_month_counts_by_the_terms_of_its_first_day(park, tenant, act):
    change(tenant, APRIL, act)
    every = queries.tenants_of(park.id)
    shares = {
        month: queries.terms_on(every, "T1", date(2025, month, 1)).equity_share
        for month in (1, 3, 4, 12)
    }
    assert shares == {
        1: Decimal("0.4"), 3: Decimal("0.4"), 4: Decimal("0.6"), 12: Decimal("0.6"),
    }  # fmt: skip
    assert queries.terms_on(every, "T9", APRIL) is None


@pytest.mark.parametrize(
    ("day", "terms", "refusal"),
    [
        (date(2025, 4, 15), {}, rules.NotAFirstDay),
        (START, {}, rules.EndsBeforeItStarts),
        (APRIL, {"equity_share": Decimal("1.01")}, rules.ShareOutOfRange),
    ],
)
def test_terms_that_cannot_be_change_nothing(tenant, act, day, terms, refusal):
    with pytest.raises(refusal):
        change(tenant, day, act, **terms)
    assert models.Tenant.objects.get().valid_to is None


def test_what_has_ended_is_not_dated_anew(tenant, whole, act):
    for kind, item in (("tenant", tenant), ("boundary", whole)):
        operations.end_validity(kind=kind, item_id=item, valid_to=APRIL, **act)
    with pytest.raises(rules.AlreadyEnded):
        change(tenant, date(2025, 6, 1), act)
    with pytest.raises(rules.AlreadyEnded):
        operations.redraw_boundary(boundary_id=whole, valid_from=date(2025, 6, 1), **act)


def test_nothing_that_a_frozen_inventory_rests_on_is_dated_anew(frozen, tenant, whole, act):
    march = date(2025, 3, 1)
    with pytest.raises(rules.FrozenDependsOnIt):
        change(tenant, march, act)
    with pytest.raises(rules.FrozenDependsOnIt):
        operations.redraw_boundary(boundary_id=whole, valid_from=march, **act)
    for kind, item in (("tenant", tenant), ("boundary", whole)):
        with pytest.raises(rules.FrozenDependsOnIt):
            operations.end_validity(kind=kind, item_id=item, valid_to=march, **act)
    assert models.Tenant.objects.get().valid_to is None
    change(tenant, APRIL, act)  # what comes after is free
    operations.redraw_boundary(boundary_id=whole, valid_from=APRIL, **act)


def test_another_operator_or_another_role_dates_nothing(tenant, whole, act):
    officer = Actor(uuid4(), act["by"].party_id, frozenset({Role.DATA_OFFICER}))
    stranger = Actor(uuid4(), uuid4(), act["by"].roles)
    for by, refusal in ((officer, NotAllowed), (stranger, NotFound)):
        with pytest.raises(refusal):
            change(tenant, APRIL, {"by": by, "at": NOON})
        with pytest.raises(refusal):
            operations.redraw_boundary(boundary_id=whole, valid_from=APRIL, by=by, at=NOON)
    assert models.Tenant.objects.count() == models.Boundary.objects.count() == 1
    change(tenant, APRIL, {"by": SYSTEM, "at": NOON})
