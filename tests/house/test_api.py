"""The API's file equals its code, and every address and method is walked as every role."""

import json
import os
import re
from collections import Counter
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import get_resolver
from rest_framework.test import APIRequestFactory

from config import api_docs
from ledger.doors.callers import BOTH, Caller, Permitted
from ledger.doors.permissions import MAY
from ledger.kernel.actors import Actor, Role

FILE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROLES = tuple(Role)
READ_BY = {
    Role.CARBON_MANAGER, Role.APPROVER, Role.DATA_OFFICER, Role.VERIFIER, Role.BANK_OFFICER,
    Role.FUND_MANAGER, Role.AUDITOR,
}  # fmt: skip
OPEN_TO_ALL = {"me/", "<path:elsewhere>"}
# address -> the operation that a POST asks for, and who may ask beside those who may do it
WRITES = {
    "metering-points/": ("ppas.register_point", set()),
    "meter-readings/": ("ppas.upload_readings", set()),
    "park-readings/": ("readings.upload_readings", set()),
    "activity-rows/from-readings/": ("activity.take_from_readings", set()),
    "data-checks/": ("activity.run_checks", set()),
    "data-findings/<uuid:finding_id>/answers/": ("activity.answer_finding", set()),
    "ppa-contracts/": ("ppas.enter_contract", set()),
    "ppa-contracts/<uuid:contract_id>/terms/": ("ppas.add_price", set()),
    "ppa-contracts/<uuid:contract_id>/meters/": ("ppas.attach_point", set()),
    "ppa-contracts/<uuid:contract_id>/signing/": ("ppas.sign_contract", {Role.CARBON_MANAGER}),
    "ppa-contracts/<uuid:contract_id>/amendments/": (
        "ppas.amend_contract", {Role.CARBON_MANAGER}
    ),
    "ppa-contracts/<uuid:contract_id>/settling/": ("ppas.request_settlement", set()),
    "ppa-contracts/<uuid:contract_id>/finalising/": (
        "ppas.finalise_settlements", {Role.CARBON_MANAGER}
    ),
    "ppa-settlements/<uuid:settlement_id>/adjustments/": (
        "ppas.adjust_settlement", {Role.CARBON_MANAGER}
    ),
    "ppa-settlements/<uuid:settlement_id>/claims/": ("ppas.claim_power", set()),
    "transfers/": ("units.transfer_units", set()),
    "retirements/": ("units.retire_units", set()),
    "surrenders/": ("units.surrender_units", set()),
    "cancellations/": ("units.cancel_units", set()),
    "entries/<uuid:entry_id>/reversals/": ("units.reverse_entry", {Role.CARBON_MANAGER}),
    "holds/": ("holds.place_hold", set()),
    "holds/<uuid:hold_id>/releases/": ("holds.release_hold", set()),
    "unit-agreements/": ("repos.make_agreement", set()),
    "unit-agreements/<uuid:agreement_id>/starts/": ("repos.start_agreement", set()),
    "unit-agreements/<uuid:agreement_id>/returns/": ("repos.return_units", set()),
    "hedges/": ("hedges.open_contract", {Role.CARBON_MANAGER}),
    "hedges/<uuid:contract_id>/settlements/": ("hedges.settle_day", set()),
    "marks/": ("prices.tell_marks", set()),
    "exchange-rates/": ("prices.tell_rates", set()),
    "issuances/<uuid:issuance_id>/reversals/": (
        "claims.reverse_issuance",
        {Role.CARBON_MANAGER},
    ),
    "notices/<uuid:notice_id>/read/": ("notices.mark_read", READ_BY),
    "funds/<uuid:fund_id>/calls/": ("funds.make_call", {Role.FUND_MANAGER}),
    "funds/<uuid:fund_id>/distributions/": ("funds.make_distribution", {Role.FUND_MANAGER}),
    "funds/<uuid:fund_id>/cash/": ("funds.tell_cash", {Role.FUND_MANAGER}),
    "funds/<uuid:fund_id>/net-asset-values/": ("funds.publish_nav", {Role.FUND_MANAGER}),
    "fund-call-lines/<uuid:line_id>/payments/": ("funds.record_payment", set()),
    "raisings/<uuid:raising_id>/allocations/": (
        "proceeds.allocate", {Role.CARBON_MANAGER, Role.FUND_MANAGER},
    ),
    "raisings/<uuid:raising_id>/spendings/": ("proceeds.spend", set()),
    "sharing-agreements/<uuid:agreement_id>/settlements/": (
        "sharing.settle", {Role.CARBON_MANAGER, Role.FUND_MANAGER},
    ),
    "holds/<uuid:hold_id>/renewals/": ("holds.renew_hold", set()),
    "freezes/": ("holds.freeze_by_order", set()),
    "pending-transfers/<uuid:transfer_id>/cancellations/": ("holds.cancel_transfer", set()),
    "trusted-accounts/": ("accounts.trust_account", {Role.CARBON_MANAGER}),
    "trusted-accounts/<uuid:trusted_id>/removals/": (
        "accounts.distrust_account", {Role.CARBON_MANAGER},
    ),
    "generation/": ("claims.record_generation", set()),
    "issuances/": ("claims.issue_certificates", set()),
    "imports/<uuid:import_id>/tellings/": ("imports.tell_of_lines", set()),
    "holds/<uuid:hold_id>/captures/": ("holds.capture_hold", {Role.CARBON_MANAGER}),
    "attestations/": ("attestations.issue_attestation", set()),
    "attestations/batch/": ("attestations.issue_attestations", set()),
    "attestations/<uuid:attestation_id>/revocation/": ("attestations.revoke_attestation", set()),
    "claims/": ("claims.claim_units", set()),
    "claims/<uuid:claim_id>/reversals/": ("claims.reverse_claim", {Role.CARBON_MANAGER}),
    "imports/": ("imports.upload_file", set()),
    "imports/<uuid:import_id>/layouts/": ("imports.choose_layout", set()),
    "imports/<uuid:import_id>/checks/": ("imports.check_again", set()),
    "imports/<uuid:import_id>/set-asides/": ("imports.set_aside_lines", set()),
    "imports/<uuid:import_id>/discards/": ("imports.discard_import", set()),
    "imports/<uuid:import_id>/commits/": ("imports.commit_import", set()),
    "imports/<uuid:import_id>/undoings/": ("imports.undo_import", {Role.CARBON_MANAGER}),
    "import-mappings/": ("imports.save_mapping", set()),
    "statements/<uuid:statement_id>/withdrawals/": ("reconciliation.withdraw_statement", set()),
    "comparisons/": ("reconciliation.request_comparison", set()),
    "breaks/<uuid:break_id>/notes/": ("reconciliation.add_note", set()),
    "breaks/<uuid:break_id>/assignments/": ("reconciliation.assign_breaks", set()),
    "breaks/<uuid:break_id>/explanations/": ("reconciliation.explain_break", set()),
    "breaks/<uuid:break_id>/corrections/": ("reconciliation.propose_correction", set()),
    "breaks/<uuid:break_id>/closings/": ("reconciliation.close_break", set()),
    "overrides/": ("reconciliation.request_override", set()),
    "compliance/entities/": ("compliance.enter_entity", set()),
    "compliance/entities/<uuid:entity_id>/facts/": ("compliance.tell_fact", set()),
    "compliance/entities/<uuid:entity_id>/emissions/": ("compliance.record_emissions", set()),
    "compliance/years/<uuid:year_id>/allocations/": ("compliance.record_allocation", set()),
    "compliance/years/<uuid:year_id>/allocations/of-power-unit/": (
        "compliance.entitle_power", set(),
    ),
    "compliance/years/<uuid:year_id>/allocations/of-industry/": (
        "compliance.entitle_industry", set(),
    ),
    "compliance/years/<uuid:year_id>/allocations/pre-allocation/": (
        "compliance.entitle_pre_allocation", set(),
    ),
    "compliance/years/<uuid:year_id>/allocations/cuts/": ("compliance.cut_for_shortfall", set()),
    "compliance/carry-overs/": ("compliance.apply_for_carry_over", set()),
    "compliance/carry-overs/<uuid:carry_over_id>/withdrawals/": (
        "compliance.withdraw_carry_over", set(),
    ),
    "compliance/carry-overs/<uuid:carry_over_id>/completions/": (
        "compliance.complete_carry_over", {Role.CARBON_MANAGER},
    ),
    "compliance/years/<uuid:year_id>/surrenders/": (
        "compliance.surrender", {Role.CARBON_MANAGER},
    ),
    "facilities/<uuid:facility_id>/drawdowns/": ("facilities.draw", {Role.CARBON_MANAGER}),
    "facilities/<uuid:facility_id>/lines/": ("facilities.record_line", set()),
    "pledges/": ("pledges.submit_pledge", set()),
    "pledges/<uuid:pledge_id>/pledging/": ("pledges.approve_pledge", {Role.CARBON_MANAGER}),
    "pledges/<uuid:pledge_id>/registrations/": ("pledges.register", set()),
    "pledges/<uuid:pledge_id>/requests/": ("pledges.ask", set()),
    "pledges/<uuid:pledge_id>/collateral/": ("pledges.add_collateral", {Role.CARBON_MANAGER}),
    "pledge-requests/<uuid:request_id>/decision/": ("pledges.decide", set()),
    "planner/prices/": ("planner.record_price", set()),
    "planner/plans/": ("planner.save_plan", set()),
    "trades/": ("trades.record_trade", set()),
    "trades/<uuid:trade_id>/settlements/": ("trades.settle_trade", set()),
    "trades/<uuid:trade_id>/failures/": ("trades.fail_settlement", set()),
    "trades/<uuid:trade_id>/reversals/": ("trades.reverse_trade", {Role.CARBON_MANAGER}),
    "entry-batches/": ("trades.make_batch", set()),
    "verification/findings/<uuid:finding_id>/answers/": ("verification.answer_finding", set()),
    "verification/requests/<uuid:request_id>/answers/": ("verification.answer_request", set()),
    "disclosures/entries/": ("disclosures.tell_point", {Role.CARBON_MANAGER, Role.DATA_OFFICER}),
    "reports/": ("packages.request_report", set()),
    "reports/<uuid:report_id>/packages/": ("packages.request_package", set()),
    "reports/<uuid:report_id>/withdrawals/": ("packages.withdraw_report", {Role.CARBON_MANAGER}),
    "report-jobs/<uuid:job_id>/cancellations/": ("jobs.cancel_job", set()),
    "report-jobs/<uuid:job_id>/retries/": ("jobs.retry_job", set()),
}  # fmt: skip
READ_TOO = {
    "metering-points/", "ppa-contracts/",
    "unit-agreements/",
    "hedges/",
    "attestations/",
    "marks/",
    "exchange-rates/",
    "trusted-accounts/", "generation/", "issuances/",
    "pledges/",
    "holds/", "claims/", "imports/", "import-mappings/", "comparisons/", "overrides/",
    "compliance/entities/", "compliance/entities/<uuid:entity_id>/facts/",
    "compliance/years/<uuid:year_id>/allocations/",
    "compliance/years/<uuid:year_id>/surrenders/", "compliance/carry-overs/",
    "planner/prices/", "planner/plans/",
    "trades/", "entry-batches/",
    "disclosures/entries/", "reports/",
}  # fmt: skip
ONLY_WRITES = set(WRITES) - READ_TOO
# prices and costs are not for every reader of a party
OF_MONEY = ("trades/", "cost-lots/", "suggested-entries/", "entry-batches/")
READ_MONEY = {Role.CARBON_MANAGER, Role.APPROVER, Role.FUND_MANAGER, Role.AUDITOR}
# who may read a report may take its files, and nobody else
READ_REPORTS = set(MAY["packages.download_report"])


def views():
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    return {str(one.pattern): one.callback.cls for one in api.url_patterns}


def allowed(address, method):
    if address in OPEN_TO_ALL:
        roles = set(Role) - {Role.SYSTEM, Role.PERSON}
        return roles if method == "GET" or (method == "POST" and address != "me/") else set()
    if method == "GET" and address not in ONLY_WRITES:
        if address.startswith("lots/"):  # they would tell what is not pledged
            return READ_BY - {Role.BANK_OFFICER}
        if address.startswith("reports/"):
            return READ_REPORTS
        return READ_MONEY if address.startswith(OF_MONEY) else READ_BY
    if method == "POST" and address in WRITES:
        operation, also = WRITES[address]
        return (set(MAY[operation]) - {Role.SYSTEM, Role.PERSON}) | also
    return set()


@pytest.mark.parametrize("address", sorted(views()))
def test_every_address_and_method_answers_exactly_the_roles_of_its_line(address):
    view = views()[address]()
    for method, role in product(METHODS, ROLES):
        request = APIRequestFactory().generic(method, "/")
        actor = Actor(user_id=UUID(int=7), party_id=UUID(int=8), roles=frozenset({role}))
        request.user = Caller(actor=actor, scopes=BOTH)
        may = Permitted().has_permission(request, view)
        assert may is (role in allowed(address, method)), (address, method, role)


def test_no_two_rooms_serve_one_address():
    """Django answers with the first: the other would never be heard."""
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    served = Counter(re.sub(r"<\w+:\w+>", "<>", str(one.pattern)) for one in api.url_patterns)
    assert [address for address, count in served.items() if count > 1] == []


def test_the_list_of_writes_is_whole():
    assert {one for one, view in views().items() if hasattr(view, "operation")} == set(WRITES)


def test_no_address_lets_a_stranger_in():
    for view in views().values():
        assert Permitted in view.permission_classes
        request = APIRequestFactory().get("/")
        request.user = AnonymousUser()
        assert not Permitted().has_permission(request, view())


def test_the_file_equals_the_code():
    """`TANZHANG_WRITE=1 pytest tests/house/test_api.py` writes it anew."""
    told = json.dumps(api_docs.description(), indent=1, ensure_ascii=False, default=str) + "\n"
    if os.environ.get("TANZHANG_WRITE"):
        FILE.write_text(told)
    assert FILE.read_text() == told, (
        "write it anew: TANZHANG_WRITE=1 pytest tests/house/test_api.py"
    )


def test_the_description_is_openapi_3_1_and_names_every_address():
    told = api_docs.description()
    assert told["openapi"] == "3.1.0"
    silent = {"openapi.json", "<path:elsewhere>"}
    served = {
        "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", one) for one in views() if one not in silent
    }
    assert set(told["paths"]) == served
    for path, methods in told["paths"].items():
        for method, call in methods.items():
            assert call["description"], (path, method)
            assert "401" in call["responses"], (path, method)


def test_a_write_names_its_key():
    for path, methods in api_docs.description()["paths"].items():
        if "post" in methods:
            names = {one["name"] for one in methods["post"]["parameters"] if one.get("required")}
            assert "Idempotency-Key" in names, path
