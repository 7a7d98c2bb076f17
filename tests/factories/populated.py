"""A small real ledger with at least one row in every sealed table. Rooms add their lines here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.audit import keys
from ledger.audit import operations as audit
from ledger.kernel.actors import SYSTEM
from tests.factories import people

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def populate() -> None:
    """Fill the present database; seal it, and seal once more over a last event."""
    audit.make_keys(by=SYSTEM, at=NOON, is_demonstration=True)
    _people()
    _parameters()
    _factors()
    _park()
    _units()
    _claims()
    _reconciliation()
    _compliance()
    _planner()
    _imports()
    seal()
    audit.record(verb="thing.done", subject="things.Thing:1", by=SYSTEM, at=NOON)
    seal()


def seal() -> None:
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    audit.seal_events(by=SYSTEM, at=NOON, key=signer)


def _people() -> None:
    from ledger.parties import operations as parties

    party = people.make_party()
    user = people.make_user()
    people.give(user, party, "CARBON_MANAGER")
    _approval(party, user)
    parties.make_api_client(
        party_id=party.id,
        name="meter gateway",
        role="DATA_OFFICER",
        scopes=["read"],
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        by=SYSTEM,
        at=NOON,
    )


def _approval(party: Any, user: Any) -> None:
    from ledger.approvals import operations as approvals
    from ledger.approvals import queries
    from ledger.parties.queries import actor_for

    name = "things.do_thing"
    approvals.register(
        name, execute=lambda *_, **__: {}, describe=lambda _: ["A thing."], fingerprint=lambda _: {}
    )
    approvals.request_approval(
        operation=name,
        payload={"thing": "1"},
        summary=["A thing will be done."],
        party_id=party.id,
        by=actor_for(user.id, party.id, NOON.date()),
        at=NOON,
    )
    _second_pairs_of_eyes(party, name, approvals)
    queries._approvables.pop(name)


def _second_pairs_of_eyes(party: Any, name: str, approvals: Any) -> None:
    """A party whose things need two approvers; one has agreed."""
    manager = people.make_actor("CARBON_MANAGER", party=party)
    approver = people.make_actor("APPROVER", party=party)
    approvals.set_thresholds(
        operation=name, tiers=[[0, 2]], valid_from=NOON.date(), by=approver, at=NOON, reason="r"
    )
    made = approvals.request_approval(
        operation=name,
        payload={"thing": "2"},
        summary=["Another."],
        party_id=party.id,
        by=manager,
        at=NOON,
    )
    approvals.approve(approval_id=made.id, by=approver, at=NOON)


def _parameters() -> None:
    from ledger.parameters import operations

    operations.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)


def _factors() -> None:
    """A few rows of each table: hundreds would only make the walk slower."""
    from reporting.factors import loading, operations

    place = ROOT / "seeds" / "factors"
    operations.load_factors(facts=loading.read_factors(place)[:5], by=SYSTEM, at=NOON)
    gwps = loading.read_gwps(place)[:3]
    blends = [part for part in loading.read_blends(place) if part.blend == "R-410A"]
    operations.load_gwps(gwps=gwps, blends=blends, by=SYSTEM, at=NOON)


def _park() -> None:
    """A park with one of everything, a frozen inventory of measured gases and its opinion."""
    from datetime import date
    from decimal import Decimal
    from uuid import uuid4

    from ledger.kernel.actors import Actor, Role
    from ledger.kernel.periods import Period
    from ledger.parties.models import Party
    from reporting.inventories import operations as inventories
    from reporting.parks import operations as parks
    from reporting.parks.states import BoundaryKind, SourceKind
    from reporting.verification import operations as verification
    from reporting.verification.states import AssuranceLevel, FindingKind, OpinionKind

    start, year = date(2025, 1, 1), Period.year(2025)
    operator = people.make_party()
    body = people.make_party(kind=Party.Kind.VERIFIER)
    by = Actor(uuid4(), operator.id, frozenset({Role.CARBON_MANAGER}))
    verifier = Actor(uuid4(), body.id, frozenset({Role.VERIFIER}))
    park = parks.register_park(code="P", name_zh="园", province="330000", by=by, at=NOON)
    here: dict[str, Any] = {"park_id": park.id, "by": by, "at": NOON}
    dated = {**here, "valid_from": start}
    parks.draw_boundary(kind=BoundaryKind.WHOLE, name="全园", **dated)
    tenant = parks.admit_tenant(code="T", name_zh="甲", **dated)
    source = parks.add_source(
        code="S",
        name_zh="工序",
        kind=SourceKind.PROCESS,
        carrier="CO2",
        unit="t",
        tenant_id=tenant,
        **dated,
    )
    parks.add_meter(source_id=source.id, number="M", valid_from=start, by=by, at=NOON)
    built = inventories.build_from_gases(
        period=year, gwp_set="AR5", tonnes={"CO2": Decimal(1000)}, source="measured", **here
    )
    frozen = inventories.freeze_inventory(inventory_id=built.id, by=by, at=NOON)
    engagement = verification.open_engagement(
        period=year,
        verifier_id=body.id,
        criteria="ISO 14064-1",
        level=AssuranceLevel.LIMITED,
        scope="全部",
        **here,
    )
    works: dict[str, Any] = {"engagement_id": engagement, "by": verifier, "at": NOON}
    verification.declare_independence(statement="无", **works)
    finding = verification.raise_finding(kind=FindingKind.NONCONFORMITY, text="记录", **works)
    verification.answer_finding(finding_id=finding, answer="补", by=by, at=NOON)
    verification.close_finding(
        finding_id=finding, is_corrected=True, conclusion="可", by=verifier, at=NOON
    )
    verification.give_opinion(
        kind=OpinionKind.UNMODIFIED, content_hash=frozen.content_hash, text="公允", **works
    )
    _report(frozen.id, by.user_id)
    _activity(park.id, operator.id)


def _report(frozen_id: Any, manager_id: Any) -> None:
    """The statement of the inventory and its issued file; how the file looks is of no matter."""
    from reporting.disclosures import operations as disclosures
    from reporting.packages import operations as packages

    statement = disclosures.freeze_statement(frozen_inventory_id=frozen_id, by=SYSTEM, at=NOON)
    packages.issue_report(
        statement=statement,
        language="zh-hans",
        document=packages.sign_document(statement, b"%PDF-1.7\n%%EOF\n"),
        asked_by=manager_id,
        by=SYSTEM,
        at=NOON,
    )


def _activity(park_id: Any, operator_id: Any) -> None:
    """A file of one month's reading."""
    from io import BytesIO
    from uuid import uuid4

    from ledger.kernel.actors import Actor, Role
    from reporting.activity import operations as activity

    content = b"source,month,quantity,unit,evidence,note\nS,2025-01,12.5,t,B-1,n\n"
    activity.upload_year(
        park_id=park_id,
        year=2025,
        content=BytesIO(content),
        name="2025.csv",
        by=Actor(uuid4(), operator_id, frozenset({Role.DATA_OFFICER})),
        at=NOON,
    )


def _units() -> None:
    """A pledge in part released, a reservation, and the rest free; serials and all."""
    from ledger.instruments.operations import load_schemes
    from tests.factories import holdings

    load_schemes(by=SYSTEM, at=NOON)
    account, lot_id = holdings.holdings(100, first=1)
    holdings.release(holdings.pledge(account.pk, lot_id, 60), unit_count=20)
    holdings.reserve(account.pk, lot_id, 10)
    _orders_and_transfers(account, lot_id)


def _orders_and_transfers(account: Any, lot_id: Any) -> None:
    """A court's freeze, renewed, and a transfer that waits for a counterparty to be trusted."""
    from dataclasses import replace
    from datetime import date

    from ledger.accounts import operations as accounts
    from ledger.holds import operations as holds
    from ledger.kernel.actors import Role
    from tests.factories import holdings

    manager = holdings.PARK_MANAGER
    order = holds.Order("7", "法院", date(2026, 1, 4), date(2027, 1, 4), "通知书")
    given: dict[str, Any] = {"by": manager, "at": NOON}
    (frozen,) = holds.freeze_by_order(
        account_id=account.pk,
        lot_id=lot_id,
        unit_count=5,
        order=order,
        idempotency_key="o",
        **given,
    )
    longer = replace(order, expires_on=date(2028, 1, 4))
    holds.renew_hold(hold_id=frozen.pk, order=longer, idempotency_key="r", **given)
    buyer = holdings.open_account("BUYER", by=holdings.STRANGER)
    holds.send_units(
        lot_id=lot_id,
        from_account_id=account.pk,
        to_account_id=buyer.pk,
        unit_count=3,
        happened_on=NOON.date(),
        idempotency_key="s",
        **given,
    )
    approver = replace(manager, roles=frozenset({Role.APPROVER}))
    accounts.trust_account(account_id=buyer.pk, by=approver, at=NOON, reason="合同")


def _claims() -> None:
    """Certificates claimed, and self-use of what the plant generated."""
    from datetime import date
    from decimal import Decimal

    from ledger.claims import operations as claims
    from ledger.instruments import operations as instruments
    from ledger.kernel.ids import new_id
    from ledger.kernel.periods import Period
    from tests.factories import holdings, units

    march = Period.month(2025, 3)
    manager = units.MANAGER
    plant = instruments.register_plant(
        code="W-1",
        name_zh="梅山风电场",
        technology="WIND",
        region="CN-ZJ",
        owner_id=manager.party_id,
        by=manager,
        at=NOON,
    )
    instruments.register_project(
        scheme="CCER", code="P-1", name_zh="海上风电", plant_id=plant.pk, by=manager, at=NOON
    )
    common: dict[str, Any] = {"claimant_id": manager.party_id, "by": manager, "at": NOON}
    claims.record_generation(
        plant_id=plant.pk,
        month=march.start,
        metered_mwh=Decimal(500),
        evidence="电网抄表单 2025-03",
        by=manager,
        at=NOON,
    )
    account = holdings.open_account(f"G-{new_id()}")
    lot_id = units.lot(
        space=True,
        scheme="GEC",
        plant_id=plant.pk,
        generated_from=march.start,
        generated_to=march.end,
        expires_on=date(2027, 3, 1),
    )
    units.issued(account.pk, 100, lot_id=lot_id, first=1)
    claims.claim_units(
        account_id=account.pk,
        lot_id=lot_id,
        unit_count=60,
        purpose="2025年用电",
        period=Period.year(2025),
        idempotency_key=str(new_id()),
        **common,
    )
    issuer = holdings.open_account("NEA", kind="ISSUER")
    claims.record_generation(
        plant_id=plant.pk,
        month=date(2025, 4, 1),
        metered_mwh=Decimal("10.5"),
        evidence="电网抄表单 2025-04",
        by=manager,
        at=NOON,
    )
    claims.issue_certificates(
        plant_id=plant.pk,
        month=date(2025, 4, 1),
        issuer_account_id=issuer.pk,
        to_account_id=account.pk,
        by=manager,
        at=NOON,
    )
    claims.claim_self_use(
        plant_id=plant.pk,
        mwh=Decimal(50),
        period=march,
        idempotency_key=str(new_id()),
        **common,
    )


def _reconciliation() -> None:
    """Two statements, one withdrawn; a break with a note, overridden by two persons."""
    from datetime import timedelta

    from ledger.reconciliation import operations
    from tests.factories import statements
    from tests.factories.statements import LATER, line

    place = statements.shop()
    by, account_id, space = place.maker, place.account_id, place.space
    wrong = statements.statement(account_id, line(50, 1, space=space), by=by)
    operations.withdraw_statement(statement_id=wrong.pk, reason="别户", by=by, at=LATER)
    statements.statement(account_id, line(90, 1, space=space), file_sha256="ab" * 32, by=by)
    (found,) = statements.compare(account_id)
    operations.add_note(break_id=found.pk, text="在途", by=by, at=LATER)
    statements.override(place, expires_on=(LATER + timedelta(days=2)).date())


def _compliance() -> None:
    """An entity with emissions, an allocation, a surrender and a carry-over applied for."""
    from datetime import date
    from decimal import Decimal

    from ledger.compliance import operations as compliance
    from tests.factories import holdings, units

    manager = units.MANAGER
    common: dict[str, Any] = {"by": manager, "at": NOON}
    compliance.load_regimes(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    entity = compliance.enter_entity(
        party_id=manager.party_id,
        regime="CN_NATIONAL",
        code="91330200X",
        sector="POWER",
        first_year=2025,
        told_on=NOON.date(),
        **common,
    )
    compliance.record_emissions(
        entity_id=entity.pk,
        year=2025,
        parts={"1": Decimal(100)},
        purpose="ETS",
        verification="V-1",
        content_hash="ab" * 32,
        evidence="核查报告",
        told_on=NOON.date(),
        **common,
    )
    compliance.record_allocation(
        entity_id=entity.pk,
        year=2025,
        step="ALLOCATED",
        table="FINAL",
        unit_count=90,
        evidence="发放通知",
        **common,
    )
    account, lot_id = holdings.holdings(50)
    compliance.surrender(
        obligation_id=entity.obligations.get(year=2025).pk,
        lines=[compliance.Line(account.pk, lot_id, 50)],
        happened_on=NOON.date(),
        idempotency_key="s-1",
        **common,
    )
    compliance.apply_for_carry_over(
        entity_id=entity.pk,
        to_year=2025,
        sold=0,
        purchased=0,
        held=10,
        unit_count=10,
        evidence="申请表",
        applied_on=date(2026, 3, 1),
        **common,
    )


def _planner() -> None:
    """A price somebody typed, and a plan by it."""
    from datetime import date
    from decimal import Decimal

    from finance.planner import operations, queries
    from finance.planner.queries import Demand
    from tests.factories.units import MANAGER

    day = date(2026, 1, 5)
    operations.record_price(
        scheme="CEA",
        vintage_year=2025,
        buy=Decimal("74.63"),
        sell=Decimal("74.00"),
        available=500,
        quoted_on=day,
        source="上海环境能源交易所",
        by=MANAGER,
        at=NOON,
        idempotency_key="price",
    )
    demand = Demand(2025, 100, date(2026, 12, 31), Decimal("0.05"))
    operations.save_plan(
        problem=queries.gather(party_id=MANAGER.own_party, on=day, demands=[demand], terms={}),
        title="2025年度履约",
        price_steps=[0],
        emission_steps=[0],
        by=MANAGER,
        at=NOON,
        idempotency_key="plan",
    )


def _imports() -> None:
    """A file with a line that is set aside, taken in."""
    from tests.factories import imports

    imports.taken_in_with_a_line_set_aside()
