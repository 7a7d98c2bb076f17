"""The API's file equals its code, and every address and method is walked as every role."""

import json
import os
import re
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
    "transfers/": ("units.transfer_units", set()),
    "retirements/": ("units.retire_units", set()),
    "surrenders/": ("units.surrender_units", set()),
    "cancellations/": ("units.cancel_units", set()),
    "entries/<uuid:entry_id>/reversals/": ("units.reverse_entry", {Role.CARBON_MANAGER}),
    "holds/": ("holds.place_hold", set()),
    "holds/<uuid:hold_id>/releases/": ("holds.release_hold", set()),
}
ONLY_WRITES = set(WRITES) - {"holds/"}


def views():
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    return {str(one.pattern): one.callback.cls for one in api.url_patterns}


def allowed(address, method):
    if address in OPEN_TO_ALL:
        roles = set(Role) - {Role.SYSTEM, Role.PERSON}
        return roles if method == "GET" or (method == "POST" and address != "me/") else set()
    if method == "GET" and address not in ONLY_WRITES:
        return READ_BY
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
