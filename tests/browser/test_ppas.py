"""Journey 5: green power is contracted, metered, settled, certified and claimed, up to Scope 2."""

import io
import os
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from finance.ppas import models, operations, tasks
from ledger.accounts import queries as accounts
from ledger.claims import operations as claims
from ledger.jobs.models import Job
from ledger.kernel.actors import SYSTEM
from ledger.kernel.periods import Period
from ledger.parties import queries as parties
from ledger.parties.models import User
from ledger.units import operations as units
from reporting.activity import operations as activity
from reporting.indicators.models import Assessment
from reporting.inventories import operations as inventories
from reporting.inventories.models import Inventory
from reporting.inventories.states import Consolidation
from reporting.parks import queries as parks
from tests.browser.test_approvals import approve
from tests.browser.test_desk import enter

pytestmark = [pytest.mark.browser, pytest.mark.demo]
# The same journey in English: what the pages say there.
EN = {
    "继续": "Continue",
    "确认": "Confirm",
    "将会发生什么": "What will happen",
    "已提交审批": "The request waits for an approver",
    "正在读取文件": "The file is being read",
    "合同已录入": "The contract is entered",
    "合同生效前还须": "Before the contract can be put in force",
    "计量点已关联": "The meter is attached",
    "电量已记录": "The quantities are recorded",
    "价格已登记": "The price is recorded",
    "规则已记录": "The rule is recorded",
    "结算正在进行": "The settlement is running",
    "绿证已匹配": "The certificates are matched",
    "不是数字": "this is no number",
    "该计量点不属于贵方或未登记": "this metering point is not yours or not known",
    "绿电交易": "Green power trade",
    "梅湾风力发电": "Meiwan Wind Power",
    "梅湾园区运营": "Meiwan Park Operation",
    "电能量": "Energy",
    "绿色环境权益": "Green environmental premium",
    "输配电价": "Transmission and distribution",
    "发电侧欠交": "Shortfall of the generator",
    "合同均价比例": "share of the contract price",
    "预结算": "Preliminary",
    "结算": "settled power",
    "对排放的影响": "What it does to emissions",
    "范围二": "Scope 2",
    "结算单 PDF（中文）": "Statement as PDF, Chinese",
    "不适用国家分档": "No national tier applies",
    "绿证绿电占比": "green power by certificates",
    "绿电直供占比": "green power supplied directly",
    "未达到": "not met",
    "留存本次评估": "Keep this assessment",
    "已留存": "Kept.",
}
spoken = {"language": "zh"}


def says(chinese):
    """As the page says it to its reader."""
    return chinese if spoken["language"] == "zh" else EN[chinese]


def speak(page, language):
    spoken["language"] = language
    page.goto("/account/")
    page.get_by_role("button", name="English" if language == "en" else "中文").click()
    page.wait_for_load_state()


CONTRACT, STATEMENT = "/admin/finance_ppas/contract", "/admin/finance_ppas/settlement"


def look(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def select(page, name, label):
    """In a plain select, or one that is searched."""
    value = page.locator(f"#id_{name} option", has_text=label).first.get_attribute("value")
    page.select_option(f"#id_{name}", value, force=True)


def act(page, address, done, **fields):
    """Fill in the form of an act, read what will happen, confirm."""
    page.goto(address)
    for name, value in fields.items():
        if name.startswith("choose_"):
            select(page, name.removeprefix("choose_"), says(value) if value in EN else value)
        else:
            page.locator(f"#id_{name}").fill(value)
    page.get_by_role("button", name=says("继续")).click()
    page.get_by_role("heading", name=says("将会发生什么")).wait_for()
    page.get_by_role("button", name=says("确认")).click()
    page.get_by_text(says(done)).first.wait_for()


def run(kind):
    """What a worker does with the newest job of a kind."""
    job = Job.objects.filter(kind=kind).order_by("-enqueued_at").first()
    work = {"meter rows": tasks.read_meter_rows, "power settlement": tasks.settle}
    work[kind](job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == "DONE", job.error


def upload(page, folder, lines):
    path = folder / f"rows-{len(lines)}.csv"
    path.write_text("\n".join(["计量点,时间,电量,单位", *lines]), encoding="gb18030")
    page.goto("/admin/finance_ppas/upload/do/upload/")
    page.set_input_files("#id_file", path)
    page.get_by_role("button", name=says("继续")).click()
    page.get_by_text(says("正在读取文件")).first.wait_for()
    run("meter rows")
    page.goto("/admin/finance_ppas/upload/")
    page.locator("#result_list tbody a").first.click()
    page.wait_for_load_state()


def certificates(month, count):
    """What the registry does: the month's certificates are issued, and moved to the buyer."""
    wind = models.Point.objects.get(code="MW-WIND-G1")
    manager = actor("manager")
    at, today = timezone.now(), timezone.localdate()
    operations.record_metered_month(point_id=wind.pk, month=month, by=manager, at=at)
    places = {
        name: accounts.find_account(registry="GEC_PLATFORM", number=f"DEMO-GEC-{name}")
        for name in ("ISSUER", "WIND", "0001")
    }
    issued = claims.issue_certificates(
        plant_id=wind.plant_id, month=month, issuer_account_id=places["ISSUER"].pk,
        to_account_id=places["WIND"].pk, by=SYSTEM, at=at,
    )  # fmt: skip
    units.transfer_units(
        lot_id=issued.lot_id, from_account_id=places["WIND"].pk,
        to_account_id=places["0001"].pk, unit_count=count, happened_on=today,
        by=SYSTEM, at=at, idempotency_key="journey-5",
    )  # fmt: skip


def actor(name):
    user = User.objects.get(email=f"{name}@demo.example")
    operator = parties.parties(kind="PARK_OPERATOR").get()
    return parties.actor_for(user.pk, operator.pk, timezone.localdate())


def inventory_of(month):
    """The park's inventory of that month: its power, and the claims of the ledger."""
    park = parks.parks_of(actor("manager").own_party)[0]
    at, rows = timezone.now(), ["source,month,quantity,unit,evidence,note"]
    rows.append(f"POWER-KNITWEAR,{month:%Y-%m},1612.4,MWh,电费单,")
    activity.upload_year(
        park_id=park.id, year=month.year, content=io.BytesIO("\n".join(rows).encode()),
        name="a.csv", by=actor("data"), at=at,
    )  # fmt: skip
    return inventories.build_inventory(
        park_id=park.id, period=Period.month(month.year, month.month), gwp_set="AR6",
        consolidation=Consolidation.OPERATIONAL_CONTROL, by=actor("manager"), at=at,
    )  # fmt: skip


def contracted(page, second_page, month):
    """Entered, given its terms, and put in force by two."""
    act(
        page, f"{CONTRACT}/do/enter/", "合同已录入", number="MW-PPA-02", title="梅湾针织续签",
        choose_kind="绿电交易", choose_seller="梅湾风力发电", choose_buyer="梅湾园区运营",
        first_month=month.isoformat(), last_month=month.isoformat(), region="330000",
        evidence="合同扫描件",
    )  # fmt: skip
    contract = models.Contract.objects.get(number="MW-PPA-02")
    own = f"{CONTRACT}/{contract.pk}"
    page.goto(f"{own}/change/")
    assert says("合同生效前还须") in read(page)
    look(page, f"ppa-draft-{spoken['language']}")
    for meter in ("MW-WIND-G1", "MW-KNIT-C1"):
        act(page, f"{own}/do/attach/", "计量点已关联", choose_point=meter, share_bps="100")
    act(page, f"{own}/do/volumes/", "电量已记录", volumes=f"{month:%Y-%m} 1500")
    for kind, price in (("电能量", "0.40"), ("绿色环境权益", "0.01"), ("输配电价", "0.1375")):
        act(
            page, f"{own}/do/price/", "价格已登记", choose_kind=kind, cny_per_kwh=price,
            basis="第 4 条",
        )  # fmt: skip
    act(
        page, f"{own}/do/deviation/", "规则已记录", choose_of="发电侧欠交",
        choose_kind="合同均价比例", rate_bps="10", basis="第 7 条",
    )  # fmt: skip
    confirm(page, f"{own}/do/sign/", f"ppa-sign-{spoken['language']}")
    assert "1,500" in approve(second_page)
    return contract


def confirm(page, address, name=""):
    """An act without a form: read what will happen, ask for it."""
    page.goto(address)
    page.get_by_role("heading", name=says("将会发生什么")).wait_for()
    if name:
        look(page, name)
    page.get_by_role("button", name=says("确认")).click()
    page.get_by_text(says("已提交审批")).first.wait_for()


def read(page):
    return page.locator("#content, main").first.inner_text()


def metered(page, month, folder):
    """A file with mistakes names them; the mended one is taken in."""
    wind = f"MW-WIND-G1,{month:%Y-%m},1200.4,MWh"
    upload(page, folder, [wind, f"MW-KNIT-C1,{month:%Y-%m},十二,MWh", "NOBODY,2026-01,1,MWh"])
    told = read(page)
    assert says("不是数字") in told
    assert says("该计量点不属于贵方或未登记") in told
    look(page, f"ppa-upload-refused-{spoken['language']}")
    upload(page, folder, [wind, f"MW-KNIT-C1,{month:%Y-%m},1612.4,MWh"])
    look(page, f"ppa-upload-taken-{spoken['language']}")


def settled(page, second_page, contract):
    """Preliminary by a job, each line with its rows; then final by two."""
    act(page, f"{CONTRACT}/{contract.pk}/do/settle/", "结算正在进行")
    run("power settlement")
    row = models.Settlement.objects.get(contract=contract)
    page.goto(f"{STATEMENT}/{row.pk}/change/")
    told = read(page)
    for said in ("80.02 %", "299.6", "480,160.00", "12,004.00", "12,283.60", says("预结算")):
        assert said in told, said
    look(page, f"ppa-statement-{spoken['language']}")
    page.get_by_role("link", name="1,200.4").first.click()
    page.get_by_role("link", name="MW-WIND-G1").first.click()
    page.get_by_text("1,200,400").first.wait_for()
    look(page, f"ppa-rows-{spoken['language']}")
    confirm(page, f"{STATEMENT}/{row.pk}/do/finalise/")
    approve(second_page)
    return models.Settlement.objects.get(contract=contract, kind="FINAL")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_green_power_goes_from_contract_to_scope_2(page, second_page, sign_in, tmp_path, language):
    enter(page, sign_in, "manager")
    speak(page, language)
    enter(second_page, sign_in, "approver")
    month = date(timezone.localdate().year, 1, 1)
    contract = contracted(page, second_page, month)
    metered(page, month, tmp_path)
    final = settled(page, second_page, contract)
    certificates(month, final.certificate_count)
    statement = f"{STATEMENT}/{final.pk}"
    act(page, f"{statement}/do/match/", "绿证已匹配", choose_entry="1,200", choose_purpose="结算")
    act(page, f"{statement}/do/claim/", "已提交审批")
    assert "1,200" in approve(second_page)
    made = models.PowerClaim.objects.get(contract=contract)
    assert made.claim.unit_count == 1200

    page.goto(f"{statement}/change/")
    with page.expect_download() as file:
        page.get_by_role("link", name=says("结算单 PDF（中文）")).click()
    assert file.value.suggested_filename.endswith("zh.pdf")
    page.get_by_role("link", name=says("对排放的影响")).click()
    page.get_by_role("heading", name=says("范围二")).first.wait_for()
    look(page, f"ppa-emissions-{spoken['language']}")
    built = inventory_of(month)
    # 1,612.4 MWh used, 1,200 with certificates: the rest at the residual mix of 2023
    row = Inventory.objects.get(pk=built.id)
    assert row.scope_2_market_tco2e == Decimal("412.4") * Decimal("0.6096")
    page.goto(f"/admin/reporting_inventories/inventory/{built.id}/change/")
    look(page, f"ppa-inventory-{spoken['language']}")
    indicators_of(page, month.year)


def indicators_of(page, year):
    """The claim reaches the park's indicators: as a certificate, and never as direct supply."""
    park = parks.parks_of(actor("manager").own_party)[0]
    page.goto(f"/admin/indicators/today/?park_code={park.code}&year={year}")
    told = page.locator("#content, main").first.inner_text()
    assert says("不适用国家分档") in told
    share = page.locator("tr", has_text=says("绿证绿电占比")).first.inner_text()
    direct = page.locator("tr", has_text=says("绿电直供占比")).first.inner_text()
    assert "74.42 %" in share  # 1,200 of 1,612.4 MWh
    assert says("未达到") in direct
    assert "0.00 %" in direct
    look(page, f"ppa-indicators-{spoken['language']}")
    page.get_by_role("link", name=says("留存本次评估")).click()
    page.get_by_role("button", name=says("继续")).click()
    page.get_by_role("heading", name=says("将会发生什么")).wait_for()
    page.get_by_role("button", name=says("确认")).click()
    page.get_by_text(says("已留存")).first.wait_for()
    kept = Assessment.objects.get(year=year)
    power = kept.content["power_mwh"]
    assert (power["CERTIFIED"], power["OTHER"], power["DIRECT"]) == ("1200", "412.4", "0")
    page.goto(f"/admin/reporting_indicators/assessment/{kept.pk}/change/")
    look(page, f"ppa-assessment-{spoken['language']}")


def test_the_demonstrations_contracts_in_both_languages(page, sign_in):
    enter(page, sign_in, "manager")
    case = models.Contract.objects.get(number="MS-2020-12")
    year = models.Contract.objects.get(number="MW-PPA-01")
    row = models.Settlement.objects.filter(contract=case).order_by("-version").first()
    wind = models.Point.objects.get(code="MW-WIND-G1")
    pages = {
        "contract": f"{CONTRACT}/{year.pk}/change/",
        "meishan": f"/admin/finance_ppas/settlement/{row.pk}/change/",
        "meishan-emissions": f"/admin/inventories/contracts/{case.pk}/2020/",
        "point": f"/admin/finance_ppas/point/{wind.pk}/change/",
        "statements": "/admin/finance_ppas/settlement/",
    }
    for language in ("zh", "en"):
        speak(page, language)
        for name, address in pages.items():
            page.goto(address)
            look(page, f"ppa-{name}-{language}")
            told = page.locator("#content, main").first.inner_text()
            if name == "meishan":
                for said in ("70 %", "6,000", "140,000.00", "200,000.00", "60,000.00", "14,000"):
                    assert said in told, said
            if name == "meishan-emissions":
                for said in (
                    "4,995", "16,650", "11,655", "10,844", "10,306", "9,948", "3,565.2",
                    "3,513.6", "3,657.6", "2021",
                ):  # fmt: skip
                    assert said in told, said
