"""The demonstration's statement and its breaks as people read them."""

import re

import pytest
from django.urls import reverse

from ledger.reconciliation.models import Break, Comparison, Statement
from tests.house.walk import signed_in
from tests.reporting.desk.test_pages import UUID_TEXT, page, seen

RAW = re.compile(r"\('[A-Z_]+', '")  # a state as Python writes it
pytestmark = pytest.mark.demo


def address(model, *args):
    name = "change" if args else "changelist"
    return reverse(f"admin:ledger_reconciliation_{model._meta.model_name}_{name}", args=args)


def test_the_demonstration_has_a_swap_and_a_shortage(demo_db):
    found = {(row.kind, row.first_serial, row.unit_count) for row in Break.objects.all()}
    assert found == {
        ("RANGE", 104901, 100),
        ("RANGE", 106001, 100),
        ("MISSING_THERE", 201151, 50),
    }


def test_the_list_of_breaks_names_people_and_years(demo_db):
    text = seen(page(signed_in("manager"), address(Break)))
    assert "林岚" in text
    assert " 2023 " in text
    assert "2,023" not in text
    assert not UUID_TEXT.search(text)


def test_the_pages_of_a_break_and_its_statement_have_no_raw_values(demo_db):
    client = signed_in("manager")
    for model in (Break, Statement, Comparison):
        text = seen(page(client, address(model, model.objects.first().pk)))
        assert not RAW.search(text)
        assert "2,023" not in text
    one = Break.objects.get(kind="MISSING_THERE")
    assert "待处理" in seen(page(client, address(Break, one.pk)))


def test_a_break_in_the_api_page_tells_choices_plainly(demo_db):
    text = page(signed_in("manager"), "/api/docs")
    assert "OPEN, BLOCKED, CLOSED" in text
    assert "* `" not in text
