"""The pages of prices in the demonstration: valuation, history, files, telling, home, planner."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from finance.prices import models
from ledger.approvals.models import Approval
from ledger.imports.models import Import
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo


def test_a_manager_sees_what_the_park_is_worth_and_what_it_is_made_of(committed_db):
    client = signed_in("manager")
    page = client.get("/admin/prices/valuation/")
    text = page.content.decode()
    assert page.status_code == 200 and "<svg" in text
    assert "/admin/units/holdings/?scheme=CEA" in text
    assert "/admin/finance_prices/mark/" in text
    assert page.context["figures"][0][1] != "0.00 CNY"
    for form in ("csv", "xlsx"):
        answer = client.get(f"/admin/prices/valuation/?export={form}")
        assert answer.status_code == 200 and answer["Content-Disposition"].startswith("attachment")
    euro = client.get("/admin/prices/valuation/?currency=EUR").content.decode()
    assert "CNY/EUR" in euro
    assert 'id="worth"' in client.get("/admin/").content.decode()


def test_a_bank_sees_nothing_of_the_parks_holdings(committed_db):
    page = signed_in("bank").get("/admin/prices/valuation/")
    assert page.status_code == 200 and page.context["lines"] == []
    assert "party" not in page.context["form"].fields
    assert "party" in signed_in("auditor").get("/admin/prices/valuation/").context["form"].fields


def test_a_year_of_prices_is_drawn_and_exported(committed_db):
    client = signed_in("manager")
    page = client.get("/admin/prices/history/?scheme=CEA")
    assert page.content.decode().count("<polyline") == 2
    assert {share for _vintage, _mode, share, *_band in page.context["limits"]} == {"10 %", "30 %"}
    assert client.get("/admin/prices/history/").context["form"].data["scheme"] == "CEA"
    told = client.get("/admin/prices/history/?scheme=CEA&export=csv").content.decode("utf-8-sig")
    assert told.count("\n") == models.Mark.objects.filter(scheme="CEA").count() + 1
    for path in ("mark", "exchangerate", "pricesource", "telling"):
        assert client.get(f"/admin/finance_prices/{path}/").status_code == 200
    row = models.Mark.objects.order_by("-marked_on").first()
    assert client.get(f"/admin/finance_prices/mark/{row.pk}/change/").status_code == 200
    assert client.get(f"/admin/finance_prices/telling/{row.telling_id}/change/").status_code == 200


def test_prices_come_by_the_staged_import(committed_db):
    client = signed_in("manager")
    for path in ("mark", "exchangerate"):
        page = client.get(f"/admin/finance_prices/{path}/").content.decode()
        assert "/admin/imports/upload/?target=prices" in page
    form = client.get("/admin/imports/upload/?target=prices").context["form"]
    assert form.initial["target"] == "prices"
    for kind in ("MARKS", "RATES"):
        told = client.get(f"/admin/prices/template.{kind}.csv").content.decode("utf-8-sig")
        assert told.count("\n") == 2
        file = SimpleUploadedFile(f"{kind}.csv", told.encode())
        sent = {"file": file, "target": "prices", "as_of": str(timezone.localdate())}
        assert client.post("/admin/imports/upload/", sent).status_code == 302
        assert Import.objects.latest("uploaded_at").layout == f"{kind.lower()}_zh"
    assert client.get("/admin/prices/template.OTHER.csv").status_code == 404


def test_a_mark_is_typed_and_corrected_with_approval(committed_db):
    client, before = signed_in("manager"), models.Telling.objects.count()
    row = models.Mark.objects.filter(scheme="CEA").order_by("-marked_on").first()
    data = {"price": str(row.price + 1), "reason": "misread"}
    address = f"/admin/finance_prices/mark/{row.pk}/do/correct/"
    shown = client.post(address, data)
    assert shown.status_code == 200 and "misread" in shown.content.decode()
    asked = Approval.objects.count()
    for key in ("k" * 251, "a\x00b"):
        sure = {**data, "confirmed": "yes", "idempotency_key": key}
        refused = client.post(address, sure, headers={"accept-language": "en"})
        assert refused.status_code == 409
        assert "idempotency_key takes 1 to 200 printable characters" in refused.content.decode()
    assert Approval.objects.count() == asked
    done = client.post(address, {**data, "confirmed": "yes", "idempotency_key": "k"})
    assert done.status_code == 302
    assert client.get("/admin/finance_prices/mark/do/tell/").status_code == 200
    assert client.get("/admin/finance_prices/exchangerate/do/tell/").status_code == 200
    assert models.Telling.objects.count() == before
