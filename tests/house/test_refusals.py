"""A refusal is said in words of the reader's language: no codes of ours inside its sentence."""

import importlib
import pkgutil
import re

import pytest
from django.utils import translation

import config
import finance
import ledger
import reporting
from config import messages
from ledger.doors.wording import refusal_text, words
from ledger.kernel.errors import DomainError, IllegalTransition
from tests.house.test_states import TABLES

PLACE = re.compile(r"%\((\w+)\)s")
CODE = re.compile(r"[A-Z]{2,}_?[A-Z]*|[a-z]+_[a-z]+")
# What needs no word: numbers, days, what the reader typed or must type, names and numbers of rows.
PLAIN = {
    "accepted", "address", "calendar", "close", "code", "column", "columns", "count", "currency",
    "day", "days", "end", "first", "found", "free", "gas", "gwp_set", "headings", "held", "high",
    "inside", "key", "language", "last", "last_day", "layout", "left", "limit", "low", "month",
    "most", "mwh", "nearest", "number", "on", "outside", "place", "places", "price", "range",
    "region", "second", "serial", "service", "share", "size", "source", "start", "text",
    "threshold", "total", "uscc", "valid_from", "vintage", "wanted", "why", "year",
}  # fmt: skip
ALSO_PLAIN = {
    ("measure_mismatch", "right"),
    ("gas_mismatch", "right"),
    ("currency_mismatch", "right"),
    ("no_such_scheme", "scheme"),  # as it was typed: nothing is called so
    ("no_such_target", "target"),  # said to a programmer alone
    ("told_in_unfit", "told_in"),  # signs of measures: kg, t, kWh
    ("told_in_unfit", "measure"),
    ("trade_sold_too_early", "fresh"),  # a count of units
    ("mapping_incomplete", "fields"),  # names of fields, as the page calls them
    ("invalid_scope", "scope"),  # likewise
    ("odd_webhook_kind", "kind"),  # likewise
    ("odd_scope", "scope"),  # a word of the API itself
    ("unknown_operation", "operation"),  # said to a programmer alone
    ("base_year_too_early", "earliest"),  # years
    ("target_before_base", "target"),
    ("target_before_base", "base"),
    ("other_year", "given"),
    ("calorific_electricity", "value"),  # numbers
    ("cut_out_of_range", "cut"),
    ("part_beyond_whole", "part"),
    ("part_beyond_whole", "whole"),
    ("no_unit_path", "given"),  # an amount and its measure
    ("no_life", "name"),  # as the reader called the measure
    ("other_measure", "given"),  # a measure, as the contract and the opinion tell it
    ("unknown_part", "part"),  # as it was typed: nothing is called so
    ("dates_overlap", "name"),  # as people called it
    ("already_ended", "name"),
    ("not_an_inner_park", "name"),
    ("before_the_boundary", "name"),
    ("stands_elsewhere", "what"),
    ("stands_elsewhere", "where"),
    ("illegal_transition", "old"),  # members of their class: below
    ("illegal_transition", "new"),
}


def refusals():
    for package in (config, finance, ledger, reporting):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not re.search(r"migrations|management|embedded", found.name):
                importlib.import_module(found.name)
    waiting, seen = [DomainError], set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.split(".")[0] in {"config", "finance", "ledger", "reporting"}:
            seen.add(kind)
    return sorted(seen, key=lambda kind: kind.__qualname__)


def test_every_place_in_a_refusal_is_plain_or_has_its_words():
    codes = [
        (kind.code, name)
        for kind in refusals()
        for name in PLACE.findall(kind.message)
        if (kind.code, name) not in words and (kind.code, name) not in ALSO_PLAIN
    ]
    assert [f"{code}: {name}" for code, name in codes if name not in PLAIN] == []


def test_words_are_kept_for_refusals_that_are_there():
    there = {(kind.code, name) for kind in refusals() for name in PLACE.findall(kind.message)}
    assert {place for place in words if isinstance(place, tuple)} - there == set()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("table", [table for _room, _name, table in TABLES])
def test_a_move_that_is_refused_is_named_in_words(table, language):
    messages.compile_all()
    with translation.override(language):
        for old in table:
            refused = IllegalTransition(old=old, new=old)
            assert CODE.findall(refusal_text(refused)) == [], old


@pytest.mark.parametrize(
    ("code", "params", "chinese"),
    [
        (
            "transaction_not_allowed",
            {
                "kind": "TRANSFER",
                "from_type": "HOLDING",
                "to_type": "RETIREMENT",
                "reason": "an end needs its own transaction, with beneficiary or obligation",
            },
            "不支持从持有账户到核销账户的“划转”业务：终结使用须走专门业务，并注明受益人或履约义务。",
        ),
        ("not_a_capture_target", {"state": "FREE"}, "可用"),
        ("wrong_parameter_kind", {"key": "ets.cap", "kind": "tier table"}, "分档表"),
        ("roles_clash", {"role": "CARBON_MANAGER"}, "碳资产"),
        ("wrong_purpose", {"actual": "ETS", "wanted": "CORPORATE"}, "企业"),
    ],
)
def test_codes_are_said_in_chinese(code, params, chinese):
    messages.compile_all()
    kind = next(one for one in refusals() if one.code == code)
    with translation.override("zh-hans"):
        assert chinese in refusal_text(kind(**params))
