from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ledger.audit.models import Event
from ledger.instruments import operations, queries, rules
from ledger.instruments.models import Registry, Scheme
from ledger.kernel.actors import SYSTEM

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def loaded(db):
    operations.load_schemes(by=SYSTEM, at=NOON)


def gec(**facts):
    given = {"scheme": "GEC", "vintage_year": 2024, "generated_from": date(2024, 3, 1)}
    return queries.LotFacts(**{**given, **facts})


def test_tv_3_1_certificates_are_whole_and_the_rest_is_carried():
    """TV-3.1"""
    assert rules.whole_certificates(Decimal("2500.7"), Decimal(0)) == (2500, Decimal("0.7"))
    assert rules.whole_certificates(Decimal("1300.6"), Decimal("0.7")) == (1301, Decimal("0.3"))


@pytest.mark.parametrize(
    ("generated", "last"),
    [("2024-01-01", "2025-12-31"), ("2024-03-01", "2026-02-28"), ("2024-12-01", "2026-11-30")],
)
def test_24_months_count_the_month_of_generation(generated, last):
    """R3.14"""
    assert rules.last_usable_day(date.fromisoformat(generated), months=24).isoformat() == last


def test_tv_3_2_a_certificate_is_usable_on_its_last_day_and_refused_the_day_after(loaded):
    """TV-3.2: generated 2024-03, claimed on 2026-02-28 and 2026-03-01"""
    lot = gec(expires_on=date(2026, 3, 1))
    scheme = queries.get_scheme("GEC")

    queries.check_usable(scheme, lot, on=date(2026, 2, 28), purpose="CLAIM")
    with pytest.raises(rules.Expired, match="2026-02-28"):
        queries.check_usable(scheme, lot, on=date(2026, 3, 1), purpose="CLAIM")
    queries.check_usable(scheme, lot, on=date(2026, 3, 1), purpose="CANCEL")


def test_tv_3_3_a_certificate_is_sold_once():
    """TV-3.3"""
    scheme = rules.SchemeRules(
        code="GEC",
        name_zh="绿证",
        name_en="GEC",
        family=rules.Family.ENERGY_CERTIFICATE,
        measure=rules.Measure.MWH,
        registry="GEC_PLATFORM",
        vintage_axis=rules.VintageAxis.GENERATION_MONTH,
        end_uses=frozenset({rules.Purpose.CLAIM}),
    )
    rules.check_transferable(scheme, gec(), max_transfers=1)
    with pytest.raises(rules.AlreadyTransferred):
        rules.check_transferable(scheme, gec(transfer_count=1), max_transfers=1)


@pytest.mark.parametrize("kind", ["SELF_USE", "OLD_HYDRO"])
def test_tv_3_4_a_non_tradable_certificate_is_claimed_and_never_sold(loaded, kind):
    """TV-3.4, R3.13"""
    scheme = queries.get_scheme("GEC")
    lot = gec(expires_on=date(2026, 3, 1), traits={"kind": kind})

    with pytest.raises(rules.NotTransferable):
        rules.check_transferable(scheme, lot, max_transfers=1)
    queries.check_usable(scheme, lot, on=date(2025, 1, 5), purpose="CLAIM")


def test_an_energy_certificate_is_never_surrendered(loaded):
    """R3.23"""
    scheme = queries.get_scheme("IREC")
    lot = queries.LotFacts(scheme="IREC", vintage_year=2025)
    with pytest.raises(rules.WrongEndUse, match="IREC cannot be used to surrender"):
        queries.check_usable(scheme, lot, on=date(2026, 1, 5), purpose="SURRENDER")


def test_an_old_reduction_is_not_surrendered(loaded):
    """R3.4"""
    scheme = queries.get_scheme("CCER")
    lot = queries.LotFacts(scheme="CCER", vintage_year=2016)
    with pytest.raises(rules.VintageNotUsable, match="2016"):
        queries.check_usable(scheme, lot, on=date(2026, 1, 5), purpose="SURRENDER")


def test_all_schemes_load_once_with_an_event_each(loaded):
    codes = set(Scheme.objects.values_list("code", flat=True))
    pilots = {f"PILOT_{city}" for city in ("BJ", "TJ", "SH", "CQ", "HB", "GD", "SZ", "FJ")}
    abroad = {"GS", "CDM_CER", "ERU", "ACR", "CAR", "ART", "CERCARBONO", "ISOMETRIC"}
    abroad |= {"ARB", "CCA", "UKA", "EUA", "EUAA"}
    assert codes == {"CEA", "CCER", "GEC", "IREC", "VCS"} | pilots | abroad
    rows = len(codes) + Registry.objects.count()
    assert rows == 26 + 16
    assert Event.objects.filter(verb=queries.LOADED).count() == rows

    assert operations.load_schemes(by=SYSTEM, at=NOON) == 0
    assert Event.objects.filter(verb=queries.LOADED).count() == rows


def test_a_scheme_changed_behind_the_log_is_named(loaded):
    assert list(queries.check_rows_match_events()) == []
    Scheme.objects.filter(code="GEC").update(max_transfers=9, measure="t")

    faults = list(queries.check_rows_match_events())
    assert [fault.subject for fault in faults] == ["instruments.Scheme:GEC"]


def test_an_unknown_scheme_is_refused_by_name(loaded):
    with pytest.raises(rules.NoSuchScheme, match="XYZ"):
        queries.get_scheme("XYZ")


@pytest.fixture(scope="module")
def seeds():
    from pathlib import Path

    return Path(__file__).resolve().parents[3] / "seeds"


@pytest.mark.parametrize(
    ("generated", "last"),
    [("2024-03-01", "2026-02-28"), ("2023-07-01", "2025-12-31"), ("2022-01-01", "2025-12-31")],
)
def test_validity_comes_from_the_dated_parameters(loaded, seeds, generated, last):
    """R3.14, new and old rule"""
    from ledger.parameters.operations import load_seeds

    list(load_seeds(folder=seeds, by=SYSTEM, at=NOON))
    scheme = queries.get_scheme("GEC")
    lot = gec(generated_from=date.fromisoformat(generated))

    assert queries.last_usable_on(scheme, lot).isoformat() == last
    assert queries.max_transfers(scheme, date(2026, 1, 5)) == 1
    with pytest.raises(rules.AlreadyTransferred):
        queries.check_usable(scheme, gec(transfer_count=1), on=date(2025, 1, 5), purpose="TRANSFER")
