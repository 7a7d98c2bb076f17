"""Which columns of a table hold figures, and stand at the right."""

from decimal import Decimal

import pytest
from django import forms
from django.template.loader import render_to_string

from finance.funds.models import Nav
from finance.pledges.models import Pledge
from ledger.doors.acts import dressed
from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.doors.admin.columns import in_words, told_as_it_is
from ledger.doors.charts import lines_of
from ledger.doors.figures import exact, exact_percent, money, percent
from ledger.doors.templatetags.tables import is_of_figures, is_unit, table_of
from ledger.kernel.money import Money

D = Decimal


@pytest.mark.parametrize(
    "cells",
    [
        ["1,234.50", "–"], ["905,320.00 CNY", "0.00 CNY"], ["83.35 %", "-3 %"], ["5.00×"],
        ['<a href="/x/">12</a>', "7 tCO2e"], ["0.4512 CNY/kWh"], ["2026", "12"],
    ],
)  # fmt: skip
def test_numbers_are_figures_with_their_unit_or_in_a_link(cells):
    assert is_of_figures(cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["2024", "2025"], ["20 Nov 2026"], ["2026-11-20"], ["2026年11月20日"], ["CEA 2024"],
        ["1–100"], ["–", ""], [], ["12", "see below"],
    ],
)  # fmt: skip
def test_years_days_ranges_and_words_are_not(cells):
    assert not is_of_figures(cells)


def test_a_heading_that_is_a_unit_is_written_as_one():
    assert [one for one in ("tCO2e", "kWh", "t", "tce") if not is_unit(one)] == []
    assert [one for one in ("units", "text", "cost, CNY", "MWh") if is_unit(one)] == []


def test_a_trail_keeps_a_files_name_and_names_a_room_once():
    parts = [{"title": one, "link": ""} for one in ("imports", "Imports", "meters.csv")]
    drawn = render_to_string("unfold/helpers/header_title.html", {"parts": parts})
    assert drawn.count("Imports") == 1
    assert "imports" not in drawn
    assert "meters.csv" in drawn


def test_kept_content_is_read_in_its_own_script():
    assert told_as_it_is({"调峰机组": "4118.63"}) == "<p>调峰机组: 4118.63</p>"
    assert "吞吐量" in told_as_it_is({"denominators": [{"name_zh": "吞吐量"}]})
    assert told_as_it_is({}) == "–"


def test_a_select_has_its_arrow():
    class Choice(forms.Form):
        what = forms.ChoiceField(choices=[("a", "A")])

    assert "expand_more" in str(dressed(Choice())["what"])


def test_a_heading_stands_over_its_figures():
    table = table_of(["day", "amount"], [["20 Nov 2026", "1.00"], ["21 Nov 2026", "–"]])
    assert [one.is_figure for one in table["headings"]] == [False, True]
    assert [[one.is_figure for one in row] for row in table["rows"]] == [[False, True]] * 2


def test_a_share_is_said_in_per_cent_and_a_price_without_idle_zeros():
    assert [exact_percent(D(text)) for text in ("0.600000", "0.125", "1", "0")] == [
        "60 %", "12.5 %", "100 %", "0 %",
    ]  # fmt: skip
    assert [exact(D(text)) for text in ("74.630000", "0.4512", "1234567.000000", "0")] == [
        "74.63", "0.4512", "1,234,567.00", "0.00",
    ]  # fmt: skip
    assert [percent(None), percent(D("0.0325")), money(Money(D("1234.5"), "CNY"))] == [
        "–", "3.25 %", "1,234.50 CNY",
    ]  # fmt: skip


def test_a_pages_column_is_shown_as_people_read_it():
    row = Pledge(target_ltv=D("0.600000"), rank=1)
    assert in_words("target_ltv", Pledge)(row) == "60 %"
    assert in_words("per_share", Nav)(Nav(per_share=D("1.032602"))) == "1.032602"
    assert in_words("rank", Pledge) == "rank"
    assert in_words("state", Pledge) == "state"


def test_a_long_name_under_a_column_is_broken_and_at_last_cut():
    assert lines_of("2025-12", 50) == ["2025-12"]
    assert lines_of("Green environmental premium", 110) == ["Green", "environmental…"]
    assert lines_of("Green environmental premium", 120) == ["Green environmental", "premium"]
    assert lines_of("政府性基金及附加", 60) == ["政府性基…"]


def test_no_list_hides_the_page_of_its_acts_behind_a_column():
    hidden = [
        type(one).__name__
        for one in site._registry.values()
        if getattr(one, "confirmed_actions", ()) and type(one).act is not ReadOnlyAdmin.act
    ]
    assert hidden == []
