"""Pages of the demonstration as people read them: words, names and files, never raw content."""

import hashlib
import json
import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import translation

from ledger.jobs.models import Job
from ledger.parties.models import User
from reporting.activity.models import ActivityRow, Dataset
from reporting.inventories import queries as inventories
from reporting.inventories.models import FrozenInventory
from reporting.packages.models import Report
from reporting.parks.models import Park
from reporting.verification.models import Engagement
from tests.factories.people import give
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LANGUAGES = ("zh-hans", "en")


def change(model, pk):
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    return reverse(f"admin:{name}_change", args=[pk])


def page(client, address, language="zh-hans"):
    client.cookies["tanzhang-language"] = language
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def seen(text):
    """What the eye reads: no tags, no scripts."""
    text = re.sub(r"<(script|style).*?</\1>", " ", text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_frozen_inventory_reads_as_tables_and_its_file_has_its_hash(demo_db, language):
    frozen = FrozenInventory.objects.first()
    client = signed_in("manager")
    text = seen(page(client, change(FrozenInventory, frozen.pk), language))
    assert '"lines"' not in text
    assert frozen.content_hash in text
    assert ("范围一与范围二合计" if language == "zh-hans" else "Scopes 1 and 2") in text
    total = float(frozen.content["result"]["totals"]["total_market_tco2e"])
    assert f"{total:,.2f}" in text
    address = reverse("admin:reporting_inventories_frozen_download", args=[frozen.pk])
    file = client.get(address)
    assert hashlib.sha256(file.content).hexdigest() == frozen.content_hash
    assert json.loads(file.content) == frozen.content
    assert signed_in("bank").get(address).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_job_says_what_it_made_and_leads_there(committed_db, language):
    frozen = FrozenInventory.objects.first()
    job = Job.objects.filter(kind="report").first() or _job(frozen)
    text = page(signed_in("manager"), change(Job, job.pk), language)
    assert '"sha256"' not in text
    park = frozen.inventory.park
    assert (park.name_zh if language == "zh-hans" else park.name_en) in seen(text)
    for report in Report.objects.filter(pk=job.result.get("report")):
        assert report.document_number in seen(text)
        assert change(Report, report.pk) in text
        for form in ("pdf", "json"):
            address = reverse("admin:reporting_packages_report_download", args=[report.pk, form])
            assert address in text


def _job(frozen):
    from django.utils import timezone

    from ledger.kernel.actors import Actor, Role
    from reporting.packages import operations

    user = User.objects.get(email="manager@demo.example")
    by = Actor(
        user_id=user.pk,
        party_id=frozen.inventory.party_id,
        roles=frozenset({Role.CARBON_MANAGER}),
    )
    asked = operations.request_report(
        frozen_inventory_id=frozen.pk, language="zh", by=by, at=timezone.now()
    )
    return Job.objects.get(pk=asked)


@pytest.mark.parametrize("path", ["claims/claim", "holds/hold", "units/lot", "units/entry"])
def test_an_object_shows_names_and_keeps_its_ids_at_the_end(demo_db, path):
    client = signed_in("manager")
    room, model = path.split("/")
    listed = client.get(f"/admin/ledger_{room}/{model}/").context["cl"].result_list
    text = seen(page(client, f"/admin/ledger_{room}/{model}/{listed[0].pk}/change/"))
    above, below = text.split("标识", maxsplit=1)
    assert UUID_TEXT.findall(above) == []
    assert str(listed[0].pk) in below


def test_a_verifier_reads_the_rows_of_her_engagement_and_no_others(committed_db):
    client = signed_in("verifier")
    engagement = Engagement.objects.select_related("park").get(state="CONCLUDED")
    mine = Dataset.objects.get(park_id=engagement.park_id, year=engagement.period_start.year)
    other_park = Park.objects.create(
        operator_id=engagement.park.operator_id, code="OTHER", name_zh="别的园区",
        registered_at=engagement.park.registered_at,
        registered_by=engagement.park.registered_by,
        province="330000", region="330200",
    )  # fmt: skip
    row = ActivityRow.objects.filter(dataset=mine).first()
    others = []
    for park_id, year in ((other_park.pk, mine.year), (mine.park_id, mine.year - 1)):
        dataset = Dataset.objects.create(
            park_id=park_id, year=year, party_id=mine.party_id,
            moved_at=mine.moved_at, moved_by=mine.moved_by,
        )  # fmt: skip
        others.append(dataset)
    listed = client.get("/admin/reporting_activity/dataset/").context["cl"].result_list
    assert [one.pk for one in listed] == [mine.pk]
    assert client.get(change(Dataset, mine.pk)).status_code == 200
    assert client.get(change(ActivityRow, row.pk)).status_code == 200
    rows = client.get("/admin/reporting_activity/activityrow/").context["cl"]
    assert rows.result_count == ActivityRow.objects.filter(dataset=mine).count()
    for other in others:
        assert client.get(change(Dataset, other.pk)).status_code == 302  # nothing there for her
    acts = client.get(change(Dataset, mine.pk)).context["object_buttons"]
    assert [str(title) for title, *_rest in acts] == []
    bank = User.objects.get(email="bank@demo.example").memberships.get().party_id
    Engagement.objects.update(verifier_id=bank)
    assert client.get(change(ActivityRow, row.pk)).status_code == 302


def test_units_of_rule_numbers_and_purposes_of_files_are_chinese(demo_db):
    listed = "/admin/ledger_parameters/parameter/?q=ets.decimals"
    text = seen(page(signed_in("manager"), listed))
    for english in ("decimal places", "share of obligation", "working days"):
        assert english not in text
    assert "位小数" in text
    files = seen(page(signed_in("manager"), "/admin/ledger_files/storedfile/"))
    assert "活动数据" in files


def test_a_park_is_named_in_the_readers_language(demo_db):
    client = signed_in("data")
    park = Park.objects.get()
    english = page(client, "/admin/activity/upload/", "en")
    assert park.name_en in english
    assert park.name_zh not in english
    assert park.name_zh in page(client, "/admin/activity/upload/")


def test_who_works_for_two_parties_switches_in_the_menu(committed_db):
    user = User.objects.get(email="manager@demo.example")
    bank = User.objects.get(email="bank@demo.example").memberships.get().party
    client = signed_in("manager")
    assert 'name="party"' not in page(client, "/admin/")
    give(user, bank, "AUDITOR")
    text = page(client, "/admin/")
    assert text.count('name="party"') == 2
    assert seen(text).count(user.email) == 1
    assert user.name in seen(text)
    done = client.post("/party/", {"party": str(bank.pk), "next": "/admin/"})
    assert done.headers["Location"] == "/admin/"
    assert client.session["party_id"] == str(bank.pk)


def test_the_demonstrations_inventory_is_as_it_was_frozen_in_either_language(demo_db):
    frozen = FrozenInventory.objects.get()
    for language in LANGUAGES:
        with translation.override(language):
            assert inventories.stale_reasons(frozen.pk) == []
