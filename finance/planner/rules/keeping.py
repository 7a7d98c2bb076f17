"""A problem and a plan as canonical JSON values, and read back."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from finance.planner.rules.problem import CarryOver, Cell, Demand, Pledge, Price, Problem, Stock


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value


def document(value: Any) -> Any:
    """A problem or a plan as canonical JSON values."""
    return _plain(value)


def _day(raw: str | None) -> date | None:
    return date.fromisoformat(raw) if raw else None


def read_problem(raw: Mapping[str, Any]) -> Problem:
    """The problem that `document` wrote down.

    :raises KeyError, TypeError, ValueError: it is not one
    """
    carried = raw["carry_over"]
    return Problem(
        on=date.fromisoformat(raw["on"]),
        demands=tuple(
            Demand(
                **{
                    **one,
                    "due_on": date.fromisoformat(one["due_on"]),
                    "offset_share": Decimal(one["offset_share"]),
                }
            )
            for one in raw["demands"]
        ),
        stocks=tuple(_read_stock(one) for one in raw["stocks"]),
        prices=tuple(
            Price(**{**one, "quoted_on": date.fromisoformat(one["quoted_on"])})
            for one in raw["prices"]
        ),
        allowances=tuple(raw["allowances"]),
        offsets=tuple(raw["offsets"]),
        cells=tuple(
            Cell(**{**one, "vintages": tuple(one["vintages"]), "years": tuple(one["years"])})
            for one in raw["cells"]
        ),
        carry_over=CarryOver(
            **{
                **carried,
                "vintages": tuple(carried["vintages"]),
                "apply_by": date.fromisoformat(carried["apply_by"]),
            }
        )
        if carried
        else None,
        sells_ageing=raw["sells_ageing"],
    )


def _read_stock(raw: Mapping[str, Any]) -> Stock:
    pledge = raw["pledge"]
    if pledge:
        days = {name: _day(pledge[name]) for name in ("ask_until", "ends_on")}
        pledge = Pledge(**{**pledge, **days})
    return Stock(**{**raw, "last_day": _day(raw["last_day"]), "pledge": pledge})
