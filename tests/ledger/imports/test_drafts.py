"""For registries that publish no columns there is a draft to begin with, and it says what it is."""

import pytest

from ledger.imports import mapping, reading
from ledger.imports.layouts import all_layouts
from ledger.imports.records import Act, Row
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
    assert all(one.name_zh and one.name_en and one.source for one in DRAFTS.values())


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
