"""What a green power contract does to emissions, line by line."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ledger.doors.admin import actor_of, refusal_text, site
from ledger.kernel.errors import DomainError, NotFound
from reporting.factors.queries import FactorRow, NoFactor
from reporting.inventories import queries

TEMPLATE = "reporting/inventories/contract.html"


def _number(amount: Decimal) -> str:
    plain = amount.normalize()
    exponent = plain.as_tuple().exponent
    return number_format(plain, max(0, -exponent) if isinstance(exponent, int) else 0)


def _factor(row: FactorRow | None) -> str:
    if row is None:
        return "–"
    mark = f" ({_('unverified')})" if row.is_unverified else ""
    return f"{_number(row.value)} {row.unit}{mark}"


def contract_emissions(request: HttpRequest, contract_id: UUID, year: int) -> HttpResponse:
    """Location-based, market-based and by the park method, under every published year."""
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("What the contract does to emissions, %(year)s") % {"year": year},
    }
    try:
        found = queries.effect_of_contract(
            contract_id, year, by=actor_of(request), on=timezone.localdate()
        )
    except NoFactor as error:
        return render(request, TEMPLATE, {**page, "refusal": refusal_text(error)}, status=409)
    except (NotFound, ValueError) as error:
        raise Http404 from error
    except DomainError as error:
        return render(request, TEMPLATE, {**page, "refusal": refusal_text(error)}, status=409)
    return render(request, TEMPLATE, {**page, **_shown(found)})


def _shown(found: queries.Effect) -> dict[str, Any]:
    supply = found.supply
    contract = reverse("admin:finance_ppas_contract_change", args=[supply.contract_id])
    return {
        "effect": found,
        "energy": [
            (_("used by the buyer"), f"{_number(supply.consumed_mwh)} MWh"),
            (_("contracted"), f"{_number(supply.contracted_mwh)} MWh"),
            (_("settled green power"), f"{_number(supply.settled_mwh)} MWh"),
            (_("not covered"), f"{_number(found.uncovered_mwh)} MWh"),
        ],
        "park": [
            (_("factor of other power"), _factor(found.park)),
            (_("emissions, tCO2"), _number(found.park_tco2)),
            (_("without the contract, tCO2"), _number(found.park_before_tco2)),
            (_("avoided, tCO2"), _number(found.avoided_tco2)),
        ],
        "headings": [
            _("factors of"), _("grid factor"), _("location-based, tCO2"), _("residual mix"),
            _("market-based, tCO2"), _("market-based without the contract, tCO2"),
        ],
        "rows": [
            [
                f"{one.year} ←" if one.is_own_year else str(one.year),
                _factor(one.location),
                _number(one.location_tco2),
                _factor(one.residual),
                _number(one.market_tco2),
                _number(one.market_before_tco2),
            ]
            for one in found.years
        ],
        "links": [(_("Contract"), contract)],
        "nearest": found.nearest_year,
    }  # fmt: skip
