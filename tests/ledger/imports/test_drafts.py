"""For registries that publish no columns there is a draft to begin with, and it says what it is."""

import pytest
from django.utils import translation

from ledger.doors.wording import refusal_text
from ledger.imports import mapping, reading
from ledger.imports.layouts import all_layouts
from ledger.imports.records import Act, Row, RowFaults
from ledger.imports.rules import MappingIncomplete, ToldInUnfit
from ledger.imports.states import ImportState as S
from ledger.instruments.models import Scheme
from tests.factories import imports as files
from tests.factories.imports import NOON

DRAFTS = {one.code: one for one in mapping.drafts()}
# without a public list of columns (issue 3, A2)
WANTED = {
    "CEA_REGISTRY", "GEC_LEDGER", "GEC_ORDERS", "GEC_BEIJING", "GEC_GUANGZHOU", "CCER_CLIENT",
    "EVIDENT_CSV", "ART_ISSUANCES", "ISOMETRIC_ISSUANCES",
}  # fmt: skip


def test_there_is_a_draft_for_each_of_them():
    assert set(DRAFTS) == WANTED
    assert all(
        one.name_zh and one.name_en and one.source and one.source_zh for one in DRAFTS.values()
    )


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(WANTED))
def test_a_draft_names_a_scheme_in_its_own_measure(code):
    files.manager()
    spec = DRAFTS[code].spec
    scheme = Scheme.objects.get(code=spec.scheme)
    assert (spec.measure, spec.registry) == (scheme.measure, scheme.registry_id)


@pytest.mark.parametrize("code", sorted(WANTED))
def test_its_own_headings_find_it_first(code):
    headings = [reading.normalise(one) for one in DRAFTS[code].spec.headings]
    assert mapping.fitting_drafts(headings, reading.normalise)[0].code == code


def test_kilograms_and_ranges_of_the_drafts_are_read():
    cells = {
        "issuance_id": "i1", "project_id": "p1", "sequestered_on": "2025-03-04",
        "credit_batch_size_total.credit_kgs": "12345", "issued_at": "2025-05-06T10:00:00Z",
        "owner.name": "O",
    }  # fmt: skip
    (made,) = _layout("ISOMETRIC_ISSUANCES").read(Row(2, cells))
    assert (made.act, made.quantity, made.measure, made.vintage_year) == (
        Act.ISSUED, 12345, "kg", 2025,
    )  # fmt: skip
    assert made.happened_on.isoformat() == "2025-05-06"


def _layout(code):
    draft = DRAFTS[code]
    return mapping.layout_of(draft.spec, name=draft.name_en, normalise=reading.normalise)


@pytest.mark.django_db
def test_what_was_read_by_an_unconfirmed_mapping_says_so():
    from ledger.imports import operations as imports
    from ledger.imports import queries

    by = files.manager()
    account = files.account(by, registry="ART")
    spec = DRAFTS["ART_ISSUANCES"].spec.to_json()
    kept = imports.save_mapping(name="ART", content=spec, is_unconfirmed=True, by=by, at=NOON)
    body = (
        "Program ID,Program Name,Vintage,Credit Serial Numbers,Quantity of Credits,Date Issued\n"
        "ART1,Guyana,2020,ART-LB-100-2020-1 to 500,500,03/31/2024\n"
    )
    import io

    made = imports.upload_file(
        content=io.BytesIO(body.encode()), name="art.csv", target="units", as_of=files.DAY,
        account_id=account, mapping_id=kept.pk, by=by, at=NOON,
    )  # fmt: skip
    row = files.check(made.import_id)
    told = list(queries.standing_problems(row).values_list("code", "is_blocking"))
    assert (row.state, told) == (S.READY, [("layout_unconfirmed", False)])
    assert files.take_in(row, by=by).state == S.COMMITTED


def test_unconfirmed_layouts_are_known_as_such():
    unconfirmed = {one.code for one in all_layouts() if one.unconfirmed}
    assert {code for code in unconfirmed if code.startswith("gec")} | {
        "arb_compliance_detail"
    } == unconfirmed
    assert len(unconfirmed) >= 5


KILOGRAMS = {
    "act": "HELD", "scheme": "CEA", "measure": "t", "told_in": "kg",
    "columns": {"quantity": "数量", "vintage_year": "配额年度", "state": "状态"},
}  # fmt: skip


def _read(spec, **cells):
    layout = mapping.layout_of(mapping.Spec.from_json(spec), name="x", normalise=reading.normalise)
    return layout.read(Row(2, cells))


@pytest.mark.parametrize(
    ("told_in", "scheme", "measure", "text", "units"),
    [
        ("kg", "CEA", "t", "12,500,000", 12_500),
        ("kg", "CEA", "t", "1000.0", 1),
        ("kWh", "GEC", "MWh", "2500000", 2_500),
        ("Wh", "IREC", "MWh", "3000000", 3),
        ("t", "ISOMETRIC", "kg", "12.345", 12_345),
        ("t", "CEA", "t", "7", 7),
        ("", "CEA", "t", "7", 7),
    ],
)
def test_quantities_are_read_in_what_the_file_tells_them_in(told_in, scheme, measure, text, units):
    spec = {**KILOGRAMS, "told_in": told_in, "scheme": scheme, "measure": measure}
    (made,) = _read(spec, 数量=text)
    assert (made.quantity, made.measure) == (units, measure)


def test_what_is_no_whole_number_of_units_is_a_problem_of_its_row():
    with pytest.raises(RowFaults) as refused:
        _read(KILOGRAMS, 数量="1,500")
    (fault,) = refused.value.faults
    assert (fault.column, fault.code) == ("数量", "not_whole_units")


def test_kilowatt_hours_are_no_tonnes():
    with pytest.raises(ToldInUnfit):
        mapping.Spec.from_json({**KILOGRAMS, "told_in": "kWh"})


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ("2023", 2023), ("2023年", 2023), ("2023年度", 2023), ("CEA23", 2023), ("CEA2023", 2023),
        ("CEA 25", 2025), ("CEA19-20", 2020), ("CEA2019-2020", 2020),
    ],
)  # fmt: skip
def test_a_vintage_is_read_as_the_market_writes_it(said, year):
    (made,) = _read({**KILOGRAMS, "told_in": ""}, 数量="1", 配额年度=said)
    assert made.vintage_year == year


@pytest.mark.parametrize("said", ["23", "CEA", "CEA2", "CEA233", "二〇二三"])
def test_what_is_no_vintage_is_a_problem(said):
    with pytest.raises(RowFaults):
        _read({**KILOGRAMS, "told_in": ""}, 数量="1", 配额年度=said)


@pytest.mark.parametrize(
    ("said", "state"),
    [("已质押", "PLEDGED"), ("质押", "PLEDGED"), ("司法冻结", "FROZEN"), ("已清缴", "SURRENDERED")],
)
def test_states_are_read_in_chinese(said, state):
    (made,) = _read({**KILOGRAMS, "told_in": ""}, 数量="1", 状态=said)
    assert made.state == state


def test_a_mapping_of_kilograms_survives_being_kept():
    spec = mapping.Spec.from_json(KILOGRAMS)
    assert mapping.Spec.from_json(spec.to_json()) == spec
    assert "told_in" not in mapping.Spec.from_json({**KILOGRAMS, "told_in": ""}).to_json()


def test_half_of_its_columns_make_a_draft_worth_beginning_with():
    half = [reading.normalise(one) for one in ("账户编号", "配额年度", "数量")]
    assert mapping.fitting_drafts(half, reading.normalise) == []
    assert mapping.nearest_draft(half, reading.normalise) == DRAFTS["CEA_REGISTRY"]
    assert mapping.nearest_draft(half[:1], reading.normalise) is None


def test_a_field_that_is_missing_is_named_in_the_readers_language():
    with pytest.raises(MappingIncomplete) as refused:
        mapping.Spec.from_json({"act": "HELD", "columns": {}})
    with translation.override("zh-hans"):
        assert refusal_text(refused.value) == "映射未指定：数量, 机制。"
