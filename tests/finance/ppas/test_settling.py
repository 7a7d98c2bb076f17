"""From contract and meter rows to statements, versions, certificates and claims."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from finance.ppas import models, operations, queries
from finance.ppas.operations import PriceTerm
from finance.ppas.rules import refusals
from finance.ppas.rules.terms import MonthVolume
from finance.ppas.states import ContractState, StatementKind, UploadState
from ledger.audit import queries as audit
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.kernel.periods import Period
from tests.factories.ppas import BASIS, DECEMBER, NOON, Bargain, company, meishan, person, read_text

pytestmark = pytest.mark.django_db
D = Decimal
MWH = 1_000_000
JANUARY, FEBRUARY = date(2025, 1, 1), date(2025, 2, 1)


def clean() -> bool:
    checks = (queries.check_rows_match_events, queries.check_meter_rows, queries.check_sums)
    return [fault for check in checks for fault in check()] == []


def hours(month: date):
    at = month
    while at.month == month.month:
        for hour in range(24):
            yield f"{at:%Y-%m-%d} {hour:02d}:00", at, hour
        at += timedelta(days=1)


def test_the_meishan_case_line_by_line():
    bargain = meishan()
    (row,) = bargain.settle()
    assert (row.kind, row.version) == (StatementKind.PRELIMINARY, 1)
    assert (row.contracted_wh, row.delivered_wh) == (20_000 * MWH, 14_000 * MWH)
    assert row.seller_short_wh == 6_000 * MWH
    assert row.certificate_count == 14_000
    (line,) = row.lines.all()
    assert (line.kind, line.amount_cny) == ("ENVIRONMENT", D("140000.00"))
    assert (row.buyer_pays_cny, row.seller_gets_cny) == (D("140000.00"), D("140000.00"))
    assert queries.summary_of([row]).delivery_bps == 7000
    assert clean()


def test_the_meishan_penalty_at_a_tenth_of_forty_fen():
    bargain = Bargain()
    bargain.rule("SELLER", "SHARE_OF_PRICE", rate_bps=1000)
    bargain.signed("2020-12 20000", ENERGY="0.39", ENVIRONMENT="0.01")
    bargain.read([("WIND", "2020-12", "14000"), ("MILL", "2020-12", "20000")])
    (row,) = bargain.settle()
    penalty = row.lines.get(kind="SHORTFALL_SELLER")
    assert (penalty.amount_cny, row.contract_price_cny_per_kwh) == (D("240000.00"), D("0.4"))
    assert row.buyer_pays_cny == D("5600000.00") - D("240000.00")


def test_what_comes_to_the_same_is_not_settled_twice():
    bargain = meishan()
    assert len(bargain.settle()) == 1
    assert bargain.settle() == []


def test_a_final_statement_stands_and_a_correction_becomes_an_adjustment():
    bargain = meishan()
    bargain.settle()
    (final,) = bargain.finalise()
    assert (final.kind, final.version) == (StatementKind.FINAL, 2)
    with pytest.raises(refusals.NothingToAdjust):
        bargain.adjust(DECEMBER)
    corrected = bargain.read([("WIND", "2020-12", "15000.5"), ("MILL", "2020-12", "20000")])
    assert (corrected.new_count, corrected.corrected_count, corrected.same_count) == (0, 1, 1)
    assert bargain.settle() == []  # what is final is not drafted again
    adjusted = bargain.adjust(DECEMBER)
    assert (adjusted.kind, adjusted.version) == (StatementKind.ADJUSTED, 3)
    assert adjusted.supersedes_id == final.pk
    assert (adjusted.certificate_count, adjusted.carried_out_wh) == (15_000, 500_000)
    final.refresh_from_db()
    assert final.certificate_count == 14_000
    assert models.Reading.objects.filter(point_id=bargain.wind.pk).count() == 2
    assert clean()


def test_a_preliminary_statement_that_is_stale_does_not_become_final():
    bargain = meishan()
    bargain.settle()
    bargain.read([("WIND", "2020-12", "14001")])
    with pytest.raises(refusals.StatementStale):
        bargain.finalise()
    assert not models.Settlement.objects.filter(kind=StatementKind.FINAL).exists()


def test_what_is_missing_is_not_made_final():
    bargain = Bargain().signed("2020-12 20000", ENVIRONMENT="0.01")
    bargain.read([("WIND", "2020-12", "14000")])
    (row,) = bargain.settle()
    assert (row.missing_count, row.settled_wh) == (1, 0)
    with pytest.raises(refusals.ReadingsMissing, match="MILL"):
        bargain.finalise()


def test_tv_3_1_certificates_carry_from_month_to_month():
    bargain = Bargain(first=JANUARY, months=2).signed(
        "2025-01 9000\n2025-02 9000", ENVIRONMENT="0.02"
    )
    rows = [("2025-01", "2500.7"), ("2025-02", "1300.6")]
    bargain.read([("WIND", *row) for row in rows])
    bargain.read([("MILL", month, "9000") for month, _energy in rows])
    first, second = bargain.settle()
    assert (first.certificate_count, first.carried_out_wh) == (2500, 700_000)
    assert (second.certificate_count, second.carried_out_wh) == (1301, 300_000)
    with pytest.raises(refusals.EarlierMonthOpen, match="2025-01"):
        bargain.finalise(FEBRUARY)
    bargain.finalise()
    assert clean()


def test_after_an_adjustment_no_certificate_is_lost():
    bargain = Bargain(first=JANUARY, months=3).signed(
        "2025-01 9000\n2025-02 9000\n2025-03 9000", ENVIRONMENT="0.02"
    )
    bargain.read([("MILL", f"2025-0{month}", "9000") for month in (1, 2, 3)])
    bargain.read([("WIND", "2025-01", "2500.7"), ("WIND", "2025-02", "1300.6")])
    bargain.settle(Period(JANUARY, date(2025, 3, 1)))
    bargain.finalise(JANUARY, FEBRUARY)
    bargain.read([("WIND", "2025-01", "2499.9"), ("WIND", "2025-03", "1000.2")])
    adjusted = bargain.adjust(JANUARY)
    assert (adjusted.certificate_count, adjusted.carried_out_wh) == (2499, 900_000)
    (march,) = bargain.settle()
    # 2,499.9 + 1,300.6 + 1,000.2 = 4,800.7; 2,499 + 1,301 are there
    assert (march.certificate_count, march.carried_out_wh) == (1000, 700_000)


def hourly(**facts) -> Bargain:
    return Bargain(first=FEBRUARY, grain="HOUR", **facts)


def rows_of(code: str, energy) -> list[tuple[str, str, str]]:
    return [(code, text, str(energy(day, hour))) for text, day, hour in hours(FEBRUARY)]


def test_hours_of_use_price_the_energy_by_what_was_used_when():
    bargain = hourly(tariff_hours="V" * 8 + "P" * 8 + "F" * 8)
    for letter, amount in (("P", "0.60"), ("F", "0.40"), ("V", "0.20")):
        bargain.price("ENERGY", amount, letter)
    bargain.signed("2025-02 1000", ENVIRONMENT="0.02", TRANSMISSION="0.15")
    bargain.read(rows_of("WIND", lambda _d, _h: 2))  # 1,344 MWh
    bargain.read(rows_of("MILL", lambda _d, hour: 3 if 8 <= hour < 16 else 1))  # 1,120 MWh
    (row,) = bargain.settle()
    assert (row.settled_wh, row.surplus_wh) == (1000 * MWH, 120 * MWH)
    energy = {line.tariff: line for line in row.lines.filter(kind="ENERGY")}
    assert {name: line.energy_wh for name, line in energy.items()} == {
        "V": 200 * MWH,
        "P": 600 * MWH,
        "F": 200 * MWH,
    }
    assert energy["P"].amount_cny == D("360000.00")
    assert row.seller_gets_cny == D("500000.00")  # 360 + 80 + 40 + 20 thousand
    assert row.grid_gets_cny == D("150000.00")
    assert clean()


def test_hour_by_hour_only_what_met_in_the_hour_is_settled():
    """R1.30: by day the sun, by night the mill: a month's sum would hide it."""
    bargain = hourly(matching="HOUR", kind="DIRECT")
    bargain.price("ENERGY", "0.30")
    bargain.signed("2025-02 10000")
    bargain.read(rows_of("WIND", lambda _d, hour: 4 if 6 <= hour < 18 else 0))
    bargain.read(rows_of("MILL", lambda _d, hour: 1))
    (row,) = bargain.settle()
    assert row.generated_wh == 28 * 48 * MWH
    assert (row.delivered_wh, row.settled_wh) == (28 * 12 * MWH, 28 * 12 * MWH)


def test_a_contract_by_the_hour_has_its_shortfall_by_the_hour():
    bargain = hourly(matching="HOUR")
    bargain.price("ENERGY", "0.30")
    bargain.rule("SELLER", "SHARE_OF_PRICE", rate_bps=1000)
    bargain.signed("2025-02 " + " ".join(["2"] * 24))
    bargain.read(rows_of("WIND", lambda _d, hour: 3 if hour < 12 else 1))
    bargain.read(rows_of("MILL", lambda _d, hour: 2))
    (row,) = bargain.settle()
    assert row.settled_wh == 28 * (12 * 2 + 12 * 1) * MWH
    assert (row.seller_short_wh, row.buyer_short_wh) == (28 * 12 * MWH, 0)
    assert row.lines.get(kind="SHORTFALL_SELLER").amount_cny == D("10080.00")


def test_two_contracts_share_a_meter_and_never_more_than_the_whole():
    bargain = Bargain()
    bargain.attach(bargain.wind, 6000)
    other = bargain.contract_with()
    with pytest.raises(refusals.ShareTaken, match="40"):
        operations.attach_point(
            contract_id=other.pk, point_id=bargain.wind.pk, share_bps=4001,
            by=bargain.manager, at=NOON,
        )  # fmt: skip
    assert not models.Slice.objects.filter(contract=other).exists()
    operations.attach_point(
        contract_id=other.pk, point_id=bargain.wind.pk, share_bps=4000,
        by=bargain.manager, at=NOON,
    )  # fmt: skip
    overlap = pytest.raises(IntegrityError, match="slice_of_a_meter_is_of_one_contract")
    with overlap, transaction.atomic():
        models.Slice.objects.create(
            contract=other,
            point=bargain.wind,
            band=(5999, 6000),
            validity=(bargain.term.start, bargain.term.end),
            attached_at=NOON,
            attached_by=bargain.manager.user_id,
        )


def test_the_database_refuses_more_than_the_share_of_a_meter():
    bargain = meishan()
    (row,) = bargain.settle()
    facts = {"settlement": row, "metered_wh": 100, "share_bps": 5000}
    other = bargain.point("OTHER", "CONSUMPTION", "MONTH", user_id=bargain.buyer_id)
    with pytest.raises(IntegrityError, match="settled_within_the_share"), transaction.atomic():
        models.SettlementPoint.objects.create(point=other, settled_wh=51, **facts)
    models.SettlementPoint.objects.create(point=other, settled_wh=50, **facts)


def test_a_month_becomes_final_once():
    bargain = meishan()
    bargain.settle()
    (final,) = bargain.finalise()
    with pytest.raises(refusals.NothingPreliminary):
        bargain.finalise()
    final.pk, final.version, final.supersedes_id = None, 9, final.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        final.save(force_insert=True)


def test_an_upload_names_every_bad_row_and_takes_none():
    bargain = hourly()
    text = "\n".join(
        [
            "计量点,时间,电量,单位",
            "WIND,2025-02-01 00:00,1,MWh",
            "NOBODY,2025-02-01 00:00,1,MWh",
            "WIND,2025-02-30 00:00,1,MWh",
            "WIND,2025-02-01,1,MWh",
            "WIND,2025-02-01 01:00,-1,MWh",
            "WIND,2025-02-01 02:00,x,MWh",
            "WIND,2025-02-01 03:00,1,GJ",
            "WIND,2025-02-01 04:00,0.0001,kWh",
            "WIND",
        ]
    )
    upload = read_text(text, by=bargain.manager)
    assert upload.state == UploadState.REFUSED
    assert [(row, column) for row, column, _message, _text in upload.problems] == [
        (3, "point"), (4, "time"), (5, "time"), (6, "energy"), (7, "energy"), (8, "energy"),
        (9, "energy"), (10, ""),
    ]  # fmt: skip
    assert not models.Reading.objects.exists()
    twice = "point,time,energy,unit\n" + "WIND,2025-02-01 00:00,1,MWh\n" * 2
    upload = read_text(twice, by=bargain.manager)
    assert [row[0] for row in upload.problems] == [3]
    assert not models.Reading.objects.exists()
    assert clean()


def test_a_stranger_brings_no_rows_and_sees_no_contract():
    bargain = meishan()
    stranger = person(company("陌生公司"))
    upload = read_text("point,time,energy,unit\nWIND,2020-12,1,MWh", by=stranger)
    assert upload.state == UploadState.REFUSED
    with pytest.raises(NotFound):
        queries.get_contract(bargain.contract.pk, by=stranger)
    seller = person(bargain.seller_id)
    assert queries.get_contract(bargain.contract.pk, by=seller)
    with pytest.raises(NotFound):  # the buyer keeps the book
        operations.discard_contract(contract_id=bargain.contract.pk, reason="x", by=seller, at=NOON)


def test_a_contract_is_signed_only_when_nothing_is_missing():
    bargain = Bargain()
    with pytest.raises(refusals.TermsIncomplete):
        bargain.sign()
    bargain.contract.refresh_from_db()
    assert bargain.contract.state == ContractState.DRAFT
    bargain.signed("2020-12 20000", ENERGY="0.4")
    with pytest.raises(refusals.NotADraft):
        bargain.price("ENERGY", "0.5")
    with pytest.raises(IllegalTransition):
        bargain.sign()


def test_an_amendment_changes_what_is_not_final():
    bargain = meishan()
    bargain.settle()
    operations.amend_contract(
        contract_id=bargain.contract.pk,
        price=PriceTerm("ENVIRONMENT", D("0.02"), DECEMBER, BASIS),
        volumes=[MonthVolume(DECEMBER, 10_000 * MWH)],
        by=bargain.manager,
        at=NOON,
    )
    (row,) = bargain.settle()
    assert (row.version, row.settled_wh) == (2, 10_000 * MWH)
    assert (row.surplus_wh, row.buyer_pays_cny) == (4_000 * MWH, D("200000.00"))
    assert clean()


def test_the_direct_share_counts_what_came_by_a_line_of_its_own():
    direct = {
        "kind": "DIRECT",
        "is_direct": True,
        "agreement": "接入协议 7 号",
        "line": "35kV 甲线",
    }
    bargain = meishan(**direct, is_bundled=False)
    period, asked = Period.year(2020), {"buyer_ids": [bargain.buyer_id]}
    bargain.settle()
    assert queries.direct_supply_mwh(period=period, **asked) == 0  # preliminary counts nothing
    bargain.finalise()
    assert queries.direct_supply_mwh(period=period, **asked) == 14_000
    (one,) = queries.direct_supply(period=period, **asked)
    assert (one.plant_id, one.has_evidence) == (bargain.plant.pk, True)
    assert queries.direct_supply_mwh(period=Period.year(2021), **asked) == 0


def test_events_tell_of_every_step():
    bargain = meishan()
    bargain.settle()
    bargain.finalise()
    found = models.Settlement.objects.order_by("version")
    verbs = [event.verb for row in found for event in audit.events_of(queries.subject_of(row))]
    assert verbs == ["power.settled", "power.settled"]


def test_settling_again_after_a_crash_finds_what_is_done():
    bargain = meishan()
    asked = {"contract_ids": [bargain.contract.pk], "period": bargain.term}
    assert operations.settle_in_steps(**asked, by=SYSTEM, at=NOON) == 1
    assert operations.settle_in_steps(**asked, by=SYSTEM, at=NOON) == 0
