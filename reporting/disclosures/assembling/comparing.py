"""This year's figures beside last year's."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ledger.kernel.quantities import WIDE
from reporting.disclosures.assembling.answers.answer import percent
from reporting.disclosures.assembling.wording import plain

Facts = Mapping[str, Mapping[str, Any]]


def compare(now: Facts, then: Facts, at_first: Facts) -> list[dict[str, Any]]:
    """Every figure that both years have, in one measure; `first` is what was reported at first."""
    found = []
    for key, name, unit, amount in _figures(now):
        before = next((x for k, n, u, x in _figures(then) if (k, n, u) == (key, name, unit)), None)
        if before is None:
            continue
        first = next((x for k, n, u, x in _figures(at_first) if (k, n, u) == (key, name, unit)), "")
        change = WIDE.subtract(Decimal(amount), Decimal(before))
        found.append(
            {
                "key": key,
                "heading": dict(now[key]["heading"]),
                "name": dict(_name_of(now[key], name)),
                "unit": unit,
                "now": amount,
                "before": before,
                "first": first if first != before else "",
                "change": plain(change),
                "change_percent": percent(change, Decimal(before)) if Decimal(before) else "",
            }
        )
    return found


def _figures(facts: Facts) -> Iterator[tuple[str, str, str, str]]:
    """Data point, row (by its English name; none for the figure itself), unit, amount."""
    for key, fact in facts.items():
        if fact["value"] is not None:
            yield key, "", fact["unit"], fact["value"]
        for row in fact["rows"]:
            if row["value"] and row["unit"] and _is_number(row["value"]):
                yield key, row["name"]["en"], row["unit"], row["value"]


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _name_of(fact: Mapping[str, Any], name: str) -> Mapping[str, str]:
    return next((row["name"] for row in fact["rows"] if row["name"]["en"] == name), {})
