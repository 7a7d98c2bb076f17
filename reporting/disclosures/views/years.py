"""Pages over the frozen years: appraisal, the enterprises' accounts, two "what if" figures."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.doors.admin import actor_of, dressed, site
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.wording import in_language, number_format
from reporting.disclosures import forms
from reporting.disclosures.queries import years
from reporting.disclosures.rules import EntryFigure, Simulation, entry_figure, simulate
from reporting.disclosures.views.completeness import check_reader
from reporting.parks import queries as parks

PAGE = "reporting/disclosures/years.html"
Table = tuple[str, list[str], list[list[Any]]]


def _number(amount: Decimal | int | None, places: int = 2) -> str:
    if amount is None:
        return "–"
    return number_format(Decimal(amount), places, force_grouping=True)


def _percent(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{_number(amount)} %"


def _park(request: HttpRequest) -> tuple[UUID | None, list[tuple[str, str]]]:
    """The park that is asked for, or the first; and all there are."""
    known = [
        (str(one.id), parks.shown_name(one)) for one in parks.parks_of(actor_of(request).own_party)
    ]
    asked = request.GET.get("park") or (known[0][0] if known else "")
    if known and asked not in dict(known):
        raise Http404
    return (UUID(asked) if asked else None), known


def _shown(
    request: HttpRequest,
    *,
    name: str,
    title: str,
    intro: Sequence[str],
    tables: Iterable[Table],
    form: Any = None,
) -> HttpResponse:
    """The page, or its tables as a file."""
    found = list(tables)
    if (form_of_file := request.GET.get("export")) in FORMS:
        headings, rows = found[0][1], [row for table in found for row in table[2]]
        return as_file(request, form_of_file, headings=headings, rows=rows, title=title,
                       subject=f"disclosures.{name}:*")  # fmt: skip
    park_id, known = _park(request)
    query = request.GET.copy()
    links = []
    for kind in FORMS:
        query["export"] = kind
        links.append((kind.upper(), f"?{query.urlencode()}"))
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": title,
        "intro": intro,
        "tables": found,
        "form": form,
        "parks": known,
        "chosen": str(park_id),
        "export_links": links if any(rows for _title, _heads, rows in found) else [],
        "pages": [
            (reverse(f"disclosures_{key}"), words, key == name) for key, words in _pages().items()
        ],
    }
    return render(request, PAGE, page)


def _pages() -> dict[str, str]:
    return {
        "appraisal": _("Appraisal by year"),
        "enterprises": _("Carbon accounts of enterprises"),
        "trading": _("If the park traded"),
        "entry": _("Low-carbon entry figure"),
    }


def appraisal(request: HttpRequest) -> HttpResponse:
    """The yearly appraisal and the mid-term review: the same figures, one year or several."""
    check_reader(request)
    park_id, _known = _park(request)
    found = years.years_of(park_id, actor_of(request)) if park_id else []
    first, last = request.GET.get("from", ""), request.GET.get("to", "")
    found = [
        one for one in found
        if (not first.isdigit() or one.number >= int(first))
        and (not last.isdigit() or one.number <= int(last))
    ]  # fmt: skip
    headings = [
        _("Figure"), _("Unit"), *(str(one.number) for one in found),
        _("Change on the year before"), _("Change over all years"),
    ]  # fmt: skip
    rows = [
        [
            in_language(one["name"]["zh"], one["name"]["en"]), one["unit"],
            *(_number(amount, 4 if amount is not None and abs(amount) < 100 else 2)
              for amount in one["amounts"]),
            _percent(one["change"]), _percent(one["overall"]),
        ]
        for one in (years.appraise(found) if found else [])
    ]  # fmt: skip
    return _shown(
        request,
        name="appraisal",
        title=_pages()["appraisal"],
        intro=[
            _("Each year as its newest frozen inventory has it. Over one year this is the yearly"
              " appraisal, over several the mid-term review: the figures are the same."),
            _("Shares of directly supplied power and of certificates stand apart."),
        ],
        tables=[(_pages()["appraisal"], headings, rows)],
    )  # fmt: skip


def _newest(request: HttpRequest) -> tuple[years.Year | None, years.Year | None]:
    """The newest frozen year, and the one before it."""
    park_id, _known = _park(request)
    found = years.years_of(park_id, actor_of(request)) if park_id else []
    return (found[-1] if found else None), (found[-2] if len(found) > 1 else None)


def _name(account: years.Account) -> str:
    return in_language(account.name["zh"], account.name["en"])


def enterprises(request: HttpRequest) -> HttpResponse:
    """The carbon account of each enterprise in the newest frozen year."""
    check_reader(request)
    year, before = _newest(request)
    accounts = years.accounts_of_year(year, before) if year else []
    headings = [
        _("Enterprise"), _("Direct, tCO2e"), _("Energy, tCO2e"), _("Both, tCO2e"),
        _("Change on the year before"), _("Green power claimed, MWh"), _("Credits used, tCO2e"),
    ]  # fmt: skip
    rows = [
        [
            _name(one), _number(one.direct_tco2e), _number(one.energy_tco2e),
            _number(one.total_tco2e), _percent(one.change), _number(one.green_mwh),
            _number(one.credits_tco2e),
        ]
        for one in accounts
    ]  # fmt: skip
    told = [_("Emissions are gross and location-based; what was claimed stands beside them.")]
    return _shown(
        request,
        name="enterprises",
        title=_pages()["enterprises"],
        intro=[*told, *([_("Year: %(year)s") % {"year": year.number}] if year else [])],
        tables=[(_pages()["enterprises"], headings, rows)],
    )


def trading(request: HttpRequest) -> HttpResponse:
    """The park as one trader: a simulation, for a park is no body of the market."""
    check_reader(request)
    form = forms.TradingForm(request.GET if "share_percent" in request.GET else None)
    year, before = _newest(request)
    tables: list[Table] = []
    if year and (not form.is_bound or form.is_valid()):
        given = form.cleaned_data if form.is_bound else _initial(form)
        tables = _simulated(_simulation(year, before, given))
    return _shown(
        request,
        name="trading",
        title=_pages()["trading"],
        intro=[
            _("A simulation only. A park is not an entity of the emissions market and may not"
              " apply for allowances together; nothing here is a holding or an obligation."),
        ],
        tables=tables,
        form=dressed(form),
    )  # fmt: skip


def _initial(form: Any) -> dict[str, Any]:
    return {name: Decimal(field.initial) for name, field in form.fields.items()}


def _simulation(
    year: years.Year, before: years.Year | None, given: Mapping[str, Decimal]
) -> Simulation:
    emitted = {_name(one): one.total_tco2e for one in years.accounts_of_year(year, before)}
    base = {
        _name(one): one.before_tco2e
        for one in years.accounts_of_year(year, before)
        if one.before_tco2e is not None
    }
    share = given["share_percent"] / 100
    return simulate(emitted, base=base, share=share, price=given["price_cny"])


def _simulated(found: Simulation) -> list[Table]:
    headings = [_("Enterprise"), _("Emitted, t"), _("Free, t"), _("Over, t"), _("Short, t")]
    rows: list[list[Any]] = [
        [one.name, *(_number(x, 0) for x in (one.emitted, one.free, one.over, one.short))]
        for one in found.positions
    ]
    together = [
        [_("Short, each for itself"), f"{_number(found.short_alone, 0)} t"],
        [_("Short, all together"), f"{_number(found.short_together, 0)} t"],
        [_("Settled among neighbours"), f"{_number(found.kept_inside, 0)} t"],
        [_("Purchases saved"), f"{_number(found.saved_cny)} CNY"],
    ]
    return [
        (_("Each for itself"), headings, rows),
        (_("All together"), [_("Figure"), _("Value")], together),
    ]


def entry(request: HttpRequest) -> HttpResponse:
    """What a newcomer would emit, by the park's own factors. Whether it may come is not ours."""
    check_reader(request)
    form = forms.EntryForm(request.GET if "power_mwh" in request.GET else None)
    year, _before = _newest(request)
    tables: list[Table] = []
    if year and form.is_bound and form.is_valid():
        tables = _entered(year, form.cleaned_data)
    return _shown(
        request,
        name="entry",
        title=_pages()["entry"],
        intro=[
            _("The figure that a low-carbon entry test asks for. The decision is the approving"
              " body's, not this product's."),
        ],
        tables=tables,
        form=dressed(form),
    )  # fmt: skip


def _entered(year: years.Year, given: Mapping[str, Decimal]) -> list[Table]:
    power, heat = years.average_factors(year)
    made: EntryFigure = entry_figure(**given, power_factor=power, heat_factor=heat)
    whole = Decimal(year.content["totals"]["total_location_tco2e"])
    part = made.total_tco2e * 100 / whole if whole else None
    rows: list[list[Any]] = [
        [_("Direct"), f"{_number(made.direct_tco2e)} tCO2e"],
        [_("Grid power"), f"{_number(made.power_tco2e)} tCO2e ({_number(power, 4)} tCO2e/MWh)"],
        [_("Heat"), f"{_number(made.heat_tco2e)} tCO2e ({_number(heat, 4)} tCO2e/GJ)"],
        [_("In all"), f"{_number(made.total_tco2e)} tCO2e"],
        [_("Beside the park's emissions of %(year)s") % {"year": year.number}, _percent(part)],
        [_("Per revenue"), _intensity(made.intensity)],
        [_("The park's own, per revenue"), _intensity(years.revenue_intensity(year))],
    ]
    return [(_pages()["entry"], [_("Figure"), _("Value")], rows)]


def _intensity(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{_number(amount, 4)} tCO2e / {_('10,000 CNY')}"
