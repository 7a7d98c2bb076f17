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
    _prices()
    _agreements_and_hedges()
    _funds()
    _loans()
    _planner()
    _ppas()
    _trades()
    _imports()
    _notices()
    _state()
    seal()
    _witnessed()
    audit.record(verb="thing.done", subject="things.Thing:1", by=SYSTEM, at=NOON)
    seal()


def seal() -> None:
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    audit.seal_events(by=SYSTEM, at=NOON, key=signer)


def _witnessed() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from ledger.audit import queries
    from ledger.audit.cosigning import WitnessKey, cosign
    from ledger.audit.notes import parse_note

    private, latest = Ed25519PrivateKey.generate(), queries.latest_checkpoint()
    assert latest is not None
    key = WitnessKey("bank.example/w", private.public_key().public_bytes_raw())
    text = parse_note(latest.note).text
    audit.keep_cosignature(
        checkpoint_id=latest.pk,
        witness=key,
        signature=cosign(text, name=key.name, private=private, seconds=1_767_585_600),
        by=SYSTEM,
        at=NOON,
    )


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


def _notices() -> None:
    """How one person wants her mail."""
    from ledger.notices import operations, queries

    operations.set_preferences(
        modes={"approvals.waiting": "DIGEST"},
        digest_hour=8,
        quiet_from=21,
        quiet_to=7,
        urgent_any_time=True,
        by=queries.reader(people.make_actor("DATA_OFFICER")),
        at=NOON,
    )


def _state() -> None:
    """A pledge of serials, so that a range is opened for somebody."""
    from ledger.proofs import operations as proofs
    from tests.factories.holdings import holdings, pledge

    account, lot_id = holdings(600, first=1, scheme="CCER")
    hold = pledge(account.pk, lot_id, 200)
    proofs.commit_state(by=SYSTEM, at=NOON)
    seal()
    _attestations(hold)


def _attestations(hold: Any) -> None:
    """Two attestations of a pledge: the first is printed, and revoked."""
    from reporting.attestations import operations
    from reporting.packages.signing import SignedDocument
    from tests.factories.holdings import BANK_OFFICER

    given: dict[str, Any] = {"hold_id": hold.pk, "by": BANK_OFFICER, "at": NOON}
    first = operations.issue_attestation(idempotency_key="1", **given)
    operations.issue_attestation(idempotency_key="2", **given)
    operations.keep_print(
        attestation_id=first.pk,
        language="en",
        signed=SignedDocument(b"%PDF-1.7\n%%EOF\n", "B-B", "0" * 64, "CN=Documents"),
        asked_by=BANK_OFFICER.user_id,
        by=SYSTEM,
        at=NOON,
    )
    operations.revoke_attestation(attestation_id=first.pk, reason="r", by=BANK_OFFICER, at=NOON)


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
    from reporting.verification.states import AssuranceLevel, FindingKind

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
    inner = parks.draw_boundary(kind=BoundaryKind.SUB_PARK, name="港区", **dated)
    parks.place_within(boundary_id=inner, source_id=source.id, valid_from=start, by=by, at=NOON)
    parks.add_meter(source_id=source.id, number="M", unit="kg", valid_from=start, by=by, at=NOON)
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
    _verified(works, by, frozen.content_hash)
    _report(frozen.id, by.user_id)
    _told_and_promised(park.id, by)
    _activity(park.id, operator.id)
    _readings(park.id, source.id, operator.id)


def _told_and_promised(park_id: Any, by: Any) -> None:
    """Calculated activity, facts, an assessment as it is kept, and a target."""
    from decimal import Decimal

    from ledger.audit.keeping import keep
    from reporting.entries import operations as entries
    from reporting.entries.states import Method, Part
    from reporting.indicators import operations as indicators
    from reporting.indicators.models import Assessment
    from reporting.indicators.states import FactKind
    from reporting.targets import operations as targets
    from reporting.targets.states import Coverage, TargetKind

    here: dict[str, Any] = {"park_id": park_id, "by": by, "at": NOON}
    entries.record_entry(
        year=2024, code="E", title="steel", part=Part.PURCHASED_GOODS, method=Method.SUPPLIER,
        inputs={"emission": "1 t"}, evidence="letter", supplier="A", idempotency_key="entry",
        **here,
    )  # fmt: skip
    indicators.record_fact(
        year=2024, kind=FactKind.WATER, name="water", part=Decimal(1), whole=Decimal(2), unit="m3",
        evidence="meter", inner_park="港区", idempotency_key="fact", **here,
    )  # fmt: skip
    assessment = Assessment(
        park_id=park_id, party_id=by.party_id, inner_park="港区", year=2024,
        emission_tco2=Decimal(1),
        energy_tce=Decimal(2), intensity=Decimal("0.5"), status="NO_TIER",
        worked_out_on=NOON.date(),
        content={"core": {"tco2": "1"}}, content_hash="h", dataset_hash="d",
    )  # fmt: skip
    keep(assessment, "park.assessed", key="assessment", by=by, at=NOON)
    targets.set_target(
        name_zh="target", kind=TargetKind.ABSOLUTE, coverage=Coverage.SCOPE_1, base_year=2024,
        base=Decimal(10), stages=[{"year": 2030, "cut": "0.4"}], evidence="minutes",
        idempotency_key="target", **here,
    )  # fmt: skip


def _verified(works: dict[str, Any], by: Any, content_hash: str) -> None:
    """A second member declares, samples, asks; then a signed opinion, and a fact told later."""
    from dataclasses import replace
    from io import BytesIO
    from uuid import uuid4

    from reporting.verification import models
    from reporting.verification import operations as verification
    from reporting.verification.states import OpinionKind, Outcome, SamplingMethod
    from tests.factories.certificates import verifiers_own

    second = replace(works["by"], user_id=uuid4())
    verification.declare_independence(statement="无", **(works | {"by": second}))
    verification.draw_sample(
        content_hash=content_hash,
        method=SamplingMethod.RANDOM,
        size=1,
        seed="0" * 32,
        reason="试",
        **works,
    )
    item = models.SampleItem.objects.get()
    moment: dict[str, Any] = {"by": second, "at": NOON}
    verification.record_outcome(item_id=item.pk, outcome=Outcome.AGREES, note="", **moment)
    asked = verification.ask(text="照片", item_id=item.pk, **works)
    photo = ("照片.txt", BytesIO(b"photograph"))
    verification.answer_request(
        request_id=asked, text="见附件", attachments=[photo], by=by, at=NOON
    )
    verification.close_request(request_id=asked, **moment)
    draft = verification.prepare_opinion(
        kind=OpinionKind.UNMODIFIED, content_hash=content_hash, text="公允", **works
    )
    statement = models.OpinionDraft.objects.get(pk=draft).statement.encode()
    verification.sign_opinion(
        draft_id=draft, signature=verifiers_own(NOON).sign(statement), **moment
    )
    fact = verification.tell_later_fact(
        engagement_id=works["engagement_id"], text="后来", by=by, at=NOON
    )
    verification.dismiss_later_fact(fact_id=fact, conclusion="无影响", **moment)


def _report(frozen_id: Any, manager_id: Any) -> None:
    """The statement of the inventory and its issued files; how they look is of no matter."""
    from reporting.disclosures import operations as disclosures
    from reporting.packages import operations as packages

    statement = disclosures.freeze_statement(frozen_inventory_id=frozen_id, by=SYSTEM, at=NOON)
    report = packages.issue_report(
        statement=statement,
        language="zh-hans",
        document=packages.sign_document(statement, b"%PDF-1.7\n%%EOF\n"),
        others={"xhtml": b"<html/>"},
        asked_by=manager_id,
        by=SYSTEM,
        at=NOON,
    )
    _told(statement, report.pk, frozen_id)


def _told(statement: Any, report_id: Any, frozen_id: Any) -> None:
    """Words of two years, the second taken over from the first; a comment; a withdrawal."""
    from datetime import date
    from decimal import Decimal
    from io import BytesIO
    from uuid import uuid4

    from ledger.files import operations as files
    from ledger.kernel.actors import Actor, Role
    from reporting.disclosures import operations as disclosures
    from reporting.packages import operations as packages

    roles = frozenset({Role.APPROVER, Role.CARBON_MANAGER})
    by = Actor(uuid4(), statement.party_id, roles)
    shown = files.store_file(
        content=BytesIO(b"shown\n"), name="e.txt", purpose="disclosure",
        party_id=statement.party_id, by=by, at=NOON,
    )  # fmt: skip
    for year in (2024, 2025):
        disclosures.tell_point(
            park_id=statement.park_id, period_start=date(year, 1, 1),
            period_end=date(year + 1, 1, 1), point="policy", kind="TEXT", text_zh="方针",
            text_en="policy", evidence_id=shown.pk, by=by, at=NOON, idempotency_key=str(year),
        )  # fmt: skip
    disclosures.comment_point(
        frozen_inventory_id=frozen_id, point="policy", text="?", by=by, at=NOON, idempotency_key="c"
    )
    packages.withdraw_report(report_id=report_id, reason="r", by=by, at=NOON, idempotency_key="w")
    project = disclosures.enter_project(
        park_id=statement.park_id, code="S-1", kind="FOREST", stage="RUNNING", name_zh="海岸林",
        name_en="Shore wood", methodology="own", expected_tco2e=Decimal("12.5"),
        starts_on=date(2024, 1, 1), ends_on=date(2040, 1, 1), credit_project_id=uuid4(),
        evidence_id=shown.pk, note="n", by=by, at=NOON, idempotency_key="p",
    )  # fmt: skip
    disclosures.tell_removal(
        project_id=project.pk, year=2025, removed_tco2e=Decimal("11.25"), method="area × growth",
        evidence_id=shown.pk, by=by, at=NOON, idempotency_key="r",
    )  # fmt: skip


def _activity(park_id: Any, operator_id: Any) -> None:
    """A file of one month's reading."""
    from io import BytesIO
    from uuid import uuid4

    from ledger.kernel.actors import Actor, Role
    from reporting.activity import operations as activity

    content = b"source,month,quantity,unit,evidence,note,quality\nS,2025-01,12.5,t,B-1,n,proxy\n"
    activity.upload_year(
        park_id=park_id,
        year=2025,
        content=BytesIO(content),
        name="2025.csv",
        by=Actor(uuid4(), operator_id, frozenset({Role.DATA_OFFICER})),
        at=NOON,
    )


def _readings(park_id: Any, source_id: Any, operator_id: Any) -> None:
    """Two files of one meter's day, the second of which corrects; a refused one; activity."""
    from datetime import date
    from io import BytesIO
    from uuid import uuid4

    from ledger.kernel.actors import Actor, Role
    from reporting.activity import operations as activity
    from reporting.activity.states import AnswerKind
    from reporting.parks import operations as parks
    from reporting.readings import operations, tasks

    officer = Actor(uuid4(), operator_id, frozenset({Role.DATA_OFFICER}))
    meter_id = parks.add_meter(
        source_id=source_id, number="R", valid_from=date(2025, 1, 1), step_minutes=60,
        by=SYSTEM, at=NOON,
    )  # fmt: skip
    _meters(park_id, meter_id)
    for rows in ("R,2025-02-01 00:00,1,e\n", "R,2025-02-01 00:00,2,m\n", "R,never,2,m\n"):
        upload = operations.upload_readings(
            park_id=park_id,
            content=BytesIO(b"meter,time,value,quality\n" + rows.encode()),
            name="r.csv",
            reason="r",
            by=officer,
            at=NOON,
        )
        tasks.read_upload(upload.pk)
    for found in activity.run_checks(park_id=park_id, year=2025, by=officer, at=NOON):
        activity.answer_finding(
            finding_id=found.pk, kind=AnswerKind.EXPLAINED, answer="a", by=officer, at=NOON
        )
    activity.take_from_readings(park_id=park_id, month=date(2025, 2, 1), by=officer, at=NOON)


def _meters(park_id: Any, meter_id: Any) -> None:
    """A calibration, a virtual meter, and the evidence of a direct supply."""
    from datetime import date

    from reporting.parks import operations as parks
    from reporting.parks.states import SourceKind, SupplyForm

    start, made = date(2025, 1, 1), {"by": SYSTEM, "at": NOON}
    source = parks.add_source(
        park_id=park_id, code="DIRECT", name_zh="直供", kind=SourceKind.DIRECT_GREEN_POWER,
        carrier="ELECTRICITY", unit="MWh", valid_from=date(2030, 1, 1), **made,
    )  # fmt: skip
    virtual = parks.add_meter(source_id=source.id, number="V", unit="kWh", valid_from=start, **made)
    part = parks.add_meter(source_id=source.id, number="P", unit="kWh", valid_from=start, **made)
    parks.make_virtual(meter_id=virtual, parts=[(part, 1)], valid_from=start, **made)
    parks.record_calibration(
        meter_id=meter_id, calibrated_on=start, valid_to=date(2027, 1, 1), certificate="C",
        laboratory="L", **made,
    )  # fmt: skip
    parks.prove_direct_supply(
        source_id=source.id, form=SupplyForm.NEARBY, valid_from=start, user_meter_id=part,
        evidence={"generator": "g", "agreement": "a", "line": "l", "generator_meter": "m"}, **made,
    )  # fmt: skip


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
    april: dict[str, Any] = {
        "plant_id": plant.pk,
        "month": date(2025, 4, 1),
        "issuer_account_id": issuer.pk,
        "to_account_id": account.pk,
    }
    # less than one MWh: what a registered project freezes at once could not go back
    wrong = claims.issue_certificates(**april, basis_mwh=Decimal("0.4"), by=manager, at=NOON)
    claims.reverse_issuance(
        issuance_id=wrong.pk, by=manager, at=NOON, idempotency_key="wrong", reason="抄表更正"
    )
    claims.issue_certificates(**april, by=manager, at=NOON)
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
        name="热电站",
        name_en="Power plant",
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


def _prices() -> None:
    """Marks of two days, one corrected, and a rate."""
    from datetime import date

    from tests.factories import prices

    prices.load()
    monday, tuesday = date(2026, 1, 5), date(2026, 1, 6)
    prices.told(prices.fact(monday, "74.63", volume=1000), prices.fact(tuesday, "74.70"))
    prices.mark(monday, "74.36", reason="录入有误")
    prices.rate(monday, "EUR", "8.2")


def _agreements_and_hedges() -> None:
    """A repo handed over, and a future with a settled day and its margin."""
    from datetime import date
    from decimal import Decimal

    from finance.hedges import operations as hedges
    from finance.repos import operations as repos
    from tests.finance.repos.test_agreements import shop

    place = shop()
    row = repos.make_agreement(
        terms=place.terms(), by=place.giver, at=NOON, idempotency_key="agreement"
    )
    repos.start_agreement(
        agreement_id=row.pk, happened_on=NOON.date(), by=place.giver, at=NOON, idempotency_key="go"
    )
    common: dict[str, Any] = {"by": place.giver, "at": NOON}
    contract = hedges.open_contract(
        terms=hedges.Terms(
            "F-1", "FUTURE", "LONG", "CLEARED", "期货公司", "CEA", 2, 1000, Decimal("74.63"),
            NOON.date(), date(2026, 12, 1), margin_rate=Decimal("0.1"),
        ),
        idempotency_key="contract",
        **common,
    )  # fmt: skip
    hedges.settle_day(
        contract_id=contract.pk, settled_on=NOON.date(), price=Decimal(75), idempotency_key="day",
        **common,
    )  # fmt: skip
    hedges.pay_margin(
        contract_id=contract.pk, kind="DEPOSIT", amount=Decimal(15000), paid_on=NOON.date(),
        evidence="回单", idempotency_key="margin", **common,
    )  # fmt: skip


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


def _funds() -> None:
    """A fund with every kind of line, raised money that was used, an agreement that was settled."""
    from datetime import date
    from decimal import Decimal

    from finance.funds import operations as funds
    from finance.proceeds import operations as proceeds
    from tests.factories.funds import START, Books
    from tests.factories.proceeds import DAY, Desk
    from tests.factories.sharing import Deal

    books = Books()
    books.commit()
    books.do(
        funds.set_terms, fund_id=books.fund.pk, valid_from=START, fee_bps=200,
        fee_basis="COMMITTED", hurdle_bps=800, carry_bps=2000, evidence="合伙协议",
    )  # fmt: skip
    books.draw("5000000")
    books.value(books.invest("4000000"), "4500000", date(2025, 1, 1))
    books.distribute("1000", date(2025, 1, 1))
    books.publish(date(2025, 1, 1))
    books.do(funds.tell_index_level, code="CEA", on=START, level=Decimal(100), source="交易所")
    desk = Desk()
    desk.allocate("1000")
    desk.spend("400")
    desk.do(
        proceeds.record_impact, project_id=desk.roof.pk, period_start=DAY,
        period_end=date(2026, 4, 1), reduced_tco2e=Decimal(9), saved_tce=Decimal(4),
        method="方法学", evidence="报告",
    )  # fmt: skip
    desk.do(
        proceeds.grant_subsidy, raising_id=desk.bond.pk, beneficiary_id=books.social, loan="L-1",
        principal=Decimal(100000), subsidy_bps=200, starts_on=DAY, ends_on=date(2026, 4, 1),
        basis_days=360, evidence="借款合同",
    )  # fmt: skip
    desk.do(
        proceeds.record_rating, agency="交易所", scale="碳信用", grade="AA", document="1",
        valid_from=DAY, evidence="证书",
    )  # fmt: skip
    deal = Deal()
    deal.terms()
    deal.settle("70.00")


def _ppas() -> None:
    """A contract with one of everything, settled, certified and claimed; and a refused file."""
    from datetime import date

    from finance.ppas import operations
    from ledger.units import operations as units
    from tests.factories import holdings
    from tests.factories import ppas as factory
    from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot, post

    month = date(2025, 3, 1)
    bargain = factory.Bargain(first=month)
    bargain.rule("SELLER", "SHARE_OF_PRICE", rate_bps=1000)
    bargain.signed("2025-03 5", ENVIRONMENT="0.01")
    factory.read_text("point,time,energy,unit\nNOBODY,2025-03,1,MWh", by=bargain.manager)
    bargain.read([("WIND", "2025-03", "3.5"), ("MILL", "2025-03", "9")])
    bargain.settle()
    bargain.finalise()
    operations.record_metered_month(
        point_id=bargain.wind.pk, month=month, by=bargain.manager, at=NOON
    )
    made = lot(
        scheme="GEC", space=True, plant_id=bargain.plant.pk, generated_from=month,
        generated_to=date(2025, 4, 1), expires_on=date(2027, 3, 1),
    )  # fmt: skip
    seller = factory.person(bargain.seller_id)
    source = holdings.open_account("GEC-S", by=seller)
    target = holdings.open_account("GEC-B", by=bargain.manager)
    post(leg(made, (ISSUER, UNISSUED), (source.pk, FREE), 3, 1), kind="ISSUE")
    moved = units.transfer_units(
        lot_id=made, from_account_id=source.pk, to_account_id=target.pk, unit_count=3,
        happened_on=NOON.date(), by=SYSTEM, at=NOON, idempotency_key="ppa-gec",
    )  # fmt: skip
    asked: dict[str, Any] = {"contract_id": bargain.contract.pk, "month": month, "at": NOON}
    operations.match_certificates(**asked, entry_id=moved.entry_id, lot_id=made, by=bargain.manager)
    operations.claim_power(**asked, purpose="2025", by=bargain.manager)


def _trades() -> None:
    """A purchase settled and taken back, a sale that failed, a policy, a cost, entries, a match."""
    from datetime import timedelta
    from decimal import Decimal

    from finance.trades import operations
    from ledger.kernel.ids import new_id
    from ledger.kernel.periods import Period
    from tests.factories import holdings, trades
    from tests.factories.units import MANAGER

    given: dict[str, Any] = {"by": MANAGER, "at": trades.NOON}
    account, lot_id = holdings.holdings(50)
    operations.set_policy(year=2027, method="FIFO", order="FREE_FIRST", reason="r", **given)
    back = trades.bought(account.pk, 10, "60", fee="5")
    trades.bought(account.pk, 20, "61", reference="D-1")
    operations.reverse_trade(trade_id=back.pk, undone_on=trades.TODAY, reason="r", **given)
    agreed = trades.deal("SELL", 5, "75", account_id=account.pk, lot_id=lot_id)
    operations.fail_settlement(
        trade_id=trades.record(agreed).pk,
        failed_on=trades.TODAY,
        reason="r",
        idempotency_key="failed",
        **given,
    )
    issue = next(one for one in trades.flows(MANAGER.party_id) if one.lot_id == lot_id)
    operations.tell_cost(
        entry_id=issue.entry_id,
        lot_id=lot_id,
        is_free=False,
        cost_cny=Decimal(500),
        evidence="e",
        idempotency_key="told",
        **given,
    )
    later = trades.NOON + timedelta(days=40)
    march = Period.month(2026, 3)
    operations.make_batch(period=march, by=MANAGER, at=later, idempotency_key="batch")
    line: dict[str, Any] = {
        "row_number": 2,
        "side": "BUY",
        "scheme": "CEA",
        "vintage_year": 2025,
        "unit_count": 20,
        "unit_price": Decimal(61),
        "gross_amount": Decimal(1221),
        "fee_amount": Decimal(0),
        "currency": "CNY",
        "traded_on": trades.TODAY,
        "reference": "D-1",
    }
    operations.take_in_lines(import_id=new_id(), lines=[line], **given)


def _loans() -> None:
    """A facility with every kind of row, a pledge that was called on, asked about and enforced."""
    from datetime import date
    from decimal import Decimal

    from finance.facilities import operations as facilities
    from finance.pledges import operations as pledges
    from ledger.kernel.ids import new_id
    from ledger.webhooks import operations as webhooks
    from tests.factories import prices
    from tests.factories.pledges import DAY, Secured

    deal = Secured()
    pledge = deal.perfect(500_000, drawn="22389000")
    deal.loan.do(
        facilities.set_margin_step, indicator="碳强度", year=2025, comparison="AT_MOST",
        target=Decimal("0.5"), measure="tCO2e", met_bps=-10, missed_bps=5,
        applies_on=date(2026, 12, 31), evidence="合同",
    )  # fmt: skip
    deal.loan.do(
        facilities.record_figure, indicator="碳强度", year=2025, value=Decimal("0.4"),
        approval_id=new_id(),
        verified_by="核查机构", opinion="VER-1",
    )  # fmt: skip
    deal.loan.do(
        facilities.promise_subsidy, bps=100, starts_on=DAY, ends_on=date(2026, 6, 1),
        granted_by="财政局", evidence="文件",
    )  # fmt: skip
    webhooks.make_endpoint(
        url="https://bank.example.com/",
        kinds=["pledge.asked", "pledge.moved"],
        by=deal.bank,
        at=deal.at,
    )
    deal.decide(deal.substitute(pledge, 100))
    prices.mark(date(2026, 1, 6), "55.00", reason="市场急跌")
    deal.value(pledge, date(2026, 1, 6))
    deal.loan.do(facilities.declare_default, reason="逾期", by=deal.bank)
    deal.do(
        pledges.record_proceeding, pledge, kind="LIQUIDATION", number="破1号", opened_on=DAY,
        document="裁定书",
    )  # fmt: skip
    deal.do(
        pledges.enforce, pledge, by=deal.bank, to_account_id=deal.buyer().pk, sold_on=DAY,
        proceeds_amount=Decimal(100), costs_amount=Decimal(1), evidence="成交确认书",
    )  # fmt: skip
