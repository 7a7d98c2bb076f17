"""The tables of a fund's page: all of it for its manager, an investor's own part for her."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.funds import models, queries
from finance.funds.queries import Performance, Position
from finance.funds.showing import charts, words
from finance.funds.states import CashKind, DistributionKind, FeeBasis, PartKind
from finance.prices import queries as prices
from ledger.doors.figures import amount, percent
from ledger.doors.wording import in_language, number_format
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.parties import queries as parties

Table = dict[str, Any]
LAST = 20
POSITIONS, FLOWS = "#positions", "#flows"  # of the page


def fund_page(fund: models.Fund, by: Actor, *, on: date, index: str = "") -> dict[str, Any]:
    """What the page shows: figures, cautions, charts and tables."""
    whole = queries.is_manager(fund, by)
    investor = None if whole else by.party_id
    found = queries.performance(fund, on=on, investor_id=investor, index=index)
    positions = queries.positions_of([fund.pk], on=on, investor_id=investor)
    tables = [_positions(positions, found.nav, whole)]
    if whole:
        tables += [
            _terms(fund),
            _calls(fund),
            _distributions(fund),
            _investments(fund),
            _cash(fund),
        ]
    tables += [_navs(fund)]
    if not whole and found.nav is not None:
        tables.append(_through(found.nav, sum((one.shares for one in positions), Decimal(0))))
    flows = queries.quarters(found.flows)
    return {
        "figures": _figures(fund, found, positions, on) if positions else [],
        "cautions": words.cautions_said(found.internal),
        "chart": charts.cash_flows(flows, currency=fund.currency) if flows else None,
        "related": [table for table in tables if table is not None],
        "links": _links(fund) if whole else [],
        "indices": queries.indices_of(fund.manager_id) if whole else [],
        "index": index,
    }


def _figures(
    fund: models.Fund, found: Performance, positions: Sequence[Position], on: date
) -> list[tuple[str, str, str]]:
    """Title, figure, and the table of the page that says what it is made of."""
    many, paid = found.multiples, sum((one.paid_in for one in positions), Decimal(0))
    committed = sum((one.committed for one in positions), Decimal(0))
    said = [
        (_("committed"), f"{amount(committed)} {fund.currency}", POSITIONS),
        (_("paid in"), f"{amount(paid)} {fund.currency}", POSITIONS),
        (_("net asset value"), f"{amount(found.value)} {fund.currency}", "#navs"),
        ("DPI", words.times(many.dpi), POSITIONS),
        ("RVPI", words.times(many.rvpi), POSITIONS),
        ("TVPI", words.times(many.tvpi), POSITIONS),
        ("PIC", percent(many.pic), POSITIONS),
        (_("internal rate of return"), words.rate_said(found.internal), FLOWS),
    ]
    if found.ks_pme is not None:
        said.append(("KS-PME", words.times(found.ks_pme), FLOWS))
    lever = queries.leverage_of(fund, on)
    if lever.public:
        said += [
            (_("multiplier of public money, on the total"), words.times(lever.on_total), POSITIONS),
            (_("the same, on what was added"), words.times(lever.on_added), POSITIONS),
        ]
    return said


def _positions(positions: Sequence[Position], nav: models.Nav | None, whole: bool) -> Table:
    names = parties.names_of(one.investor_id for one in positions)
    classes = models.ShareClass.objects.in_bulk([one.share_class_id for one in positions])
    return {
        "id": "positions",
        "title": _("Positions of the investors") if whole else _("Your position"),
        "headings": [
            _("investor"), _("class of shares"), _("committed"), _("called"), _("paid in"),
            _("undrawn"), _("distributed"), _("shares"), pgettext("fund", "value"),
        ],
        "rows": [
            [
                names[one.investor_id], str(classes[one.share_class_id]),
                _listed(models.Commitment, one, one.committed), amount(one.called),
                _listed(models.CallLine, one, one.paid_in), amount(one.undrawn),
                _listed(models.DistributionLine, one, one.distributed), words.count(one.shares),
                words.anchor("#navs", amount(queries.value_of(one, nav))),
            ]
            for one in positions
        ],
    }  # fmt: skip


def _listed(model: Any, one: Position, total: Decimal) -> Any:
    """A sum, leading to the lines that it is of."""
    return words.anchor(words.list_of(model, fund__id__exact=one.fund_id), amount(total))


def _terms(fund: models.Fund) -> Table:
    return {
        "title": _("Terms"),
        "headings": [
            _("valid from"), _("management fee a year"), _("fee on"), _("preferred return"),
            _("carried interest"), _("evidence"),
        ],
        "rows": [
            [
                date_format(one.valid_from), words.basis_points(one.fee_bps),
                FeeBasis(one.fee_basis).label, words.basis_points(one.hurdle_bps),
                words.basis_points(one.carry_bps), one.evidence,
            ]
            for one in fund.terms.all()
        ],
    }  # fmt: skip


def _calls(fund: models.Fund) -> Table:
    rows = fund.calls.all()[:LAST]
    paid: dict[Any, Decimal] = {}
    entries = models.CashEntry.objects.filter(call_line__call__in=[one.pk for one in rows])
    for call_id, money in entries.values_list("call_line__call_id", "amount"):
        paid[call_id] = paid.get(call_id, Decimal(0)) + money
    return {
        "title": _("Capital calls"),
        "headings": [_("number"), _("called on"), _("due on"), _("called for"),
            pgettext("money", "amount"),
                     _("paid in")],
        "rows": [
            [
                words.link(one, one.number), date_format(one.called_on), date_format(one.due_on),
                one.get_purpose_display(), amount(one.amount),
                amount(paid.get(one.pk, Decimal(0))),
            ]
            for one in rows
        ],
    }  # fmt: skip


def _distributions(fund: models.Fund) -> Table:
    return {
        "title": _("Distributions"),
        "headings": [_("number"), _("paid on"), _("kind"), pgettext("money", "amount")],
        "rows": [
            [
                words.link(one, one.number), date_format(one.paid_on),
                DistributionKind(one.kind).label, amount(one.amount),
            ]
            for one in fund.distributions.all()[:LAST]
        ],
    }  # fmt: skip


def _investments(fund: models.Fund) -> Table:
    return {
        "title": _("Investments and grants"),
        "headings": [_("code"), _("name"), _("kind"), _("approved amount"), _("approved on")],
        "rows": [
            [
                one.code, words.link(one), one.get_kind_display(),
                amount(one.approved_amount), date_format(one.approved_on),
            ]
            for one in fund.investments.all()
        ],
    }  # fmt: skip


def _cash(fund: models.Fund) -> Table:
    return {
        "title": _("Cash book, the newest lines"),
        "headings": [_("number"), _("day"), _("kind"),
            pgettext("money", "amount"), _("balance"), _("evidence")],
        "rows": [
            [
                words.link(one, one.number), date_format(one.happened_on),
                CashKind(one.kind).label, amount(one.amount), amount(one.balance),
                one.evidence,
            ]
            for one in fund.cash.order_by("-number")[:LAST]
        ],
    }  # fmt: skip


def _navs(fund: models.Fund) -> Table:
    return {
        "id": "navs",
        "title": _("Published net asset values"),
        "headings": [_("valued on"), _("version"), _("net assets"), _("shares"), _("per share")],
        "rows": [
            [
                words.link(one, date_format(one.valued_on)), one.version,
                amount(one.net_assets), words.count(one.shares),
                "–" if one.per_share is None else number_format(one.per_share, 4),
            ]
            for one in queries.published_navs([fund.pk])[:LAST]
        ],
    }  # fmt: skip


def _through(nav: models.Nav, shares: Decimal) -> Table:
    return {
        "title": _("Carbon units behind your shares, as of the last published value"),
        "headings": [_("instrument"), _("vintage"), _("units of the fund"), _("your part, units")],
        "rows": [
            [
                instruments.scheme_name(one.scheme), str(one.vintage_year),
                words.anchor(
                    words.link_url(nav), number_format(one.fund_units, force_grouping=True)
                ),
                number_format(one.units, force_grouping=True),
            ]
            for one in queries.look_through(nav, shares)
        ],
    }  # fmt: skip


def _links(fund: models.Fund) -> list[tuple[str, str]]:
    wanted = (
        models.Commitment, models.CallLine, models.DistributionLine, models.CashEntry,
        models.Investment, models.Nav,
    )  # fmt: skip
    levels = models.IndexLevel._meta.verbose_name_plural
    return [
        *(
            (str(model._meta.verbose_name_plural), words.list_of(model, fund__id__exact=fund.pk))
            for model in wanted
        ),
        (str(levels), words.list_of(models.IndexLevel)),
    ]


# --- a published value


def nav_page(nav: models.Nav, *, whole: bool) -> dict[str, Any]:
    """Every part of a value with its price, day and source."""
    return {
        "related": [
            {
                "title": _("What it is made of"),
                "headings": [pgettext("fund", "part"), _("what"),
                    _("quantity"), _("price"), _("of the day"),
                             _("source"), pgettext("money", "amount")],
                "rows": [_part(part, nav, whole) for part in nav.parts],
            }
        ],
        "links": [(str(nav.fund), words.link_url(nav.fund))],
    }  # fmt: skip


def _part(part: Mapping[str, Any], nav: models.Nav, whole: bool) -> list[Any]:
    kind = PartKind(part["kind"])
    said = _PARTS[kind](part, nav, whole)
    return [kind.label, *said, amount(Decimal(part["amount"]))]


def _unit_part(part: Mapping[str, Any], nav: models.Nav, whole: bool) -> list[Any]:
    name = f"{instruments.scheme_name(part['scheme'])} {part['vintage_year']}"
    day = date_format(date.fromisoformat(part["marked_on"])) if part["marked_on"] else "–"
    if part["is_stale"]:
        day = _("%(day)s (stale)") % {"day": day}
    price: Any = "–"
    if part["price"] is not None:
        said = f"{number_format(Decimal(part['price']), 2)} {part['price_currency']}"
        mark = reverse("admin:finance_prices_mark_change", args=[part["mark_id"]])
        price = words.anchor(mark, said)
    count = number_format(part["unit_count"], force_grouping=True)
    source = prices.source_names().get(part["source"], part["source"] or "–")
    return [name, count, price, day, source]


def _stake_part(part: Mapping[str, Any], nav: models.Nav, whole: bool) -> list[Any]:
    name: Any = in_language(part["name_zh"], part["name_en"])
    page = words.link_url(nav.fund)
    name = (
        words.link_to(models.Investment, part["investment_id"], name)
        if whole
        else words.anchor(page, name)
    )
    if part["valued_on"] is None:
        return [name, "–", "–", "–", _("at cost")]
    return [name, "–", "–", date_format(date.fromisoformat(part["valued_on"])), part["method"]]


def _cash_part(part: Mapping[str, Any], nav: models.Nav, whole: bool) -> list[Any]:
    text: Any = _("cash book up to line %(number)s") % {"number": part["number"]}
    books = words.list_of(models.CashEntry, fund__id__exact=nav.fund_id)
    text = words.anchor(books if whole else words.link_url(nav.fund), text)
    return [text, "–", "–", date_format(nav.valued_on), "–"]


def _fee_part(part: Mapping[str, Any], nav: models.Nav, whole: bool) -> list[Any]:
    about = {name: amount(Decimal(part[name])) for name in ("accrued", "paid")}
    said = _("earned %(accrued)s, paid %(paid)s") % about
    return [said, "–", "–", "–", _terms_of(nav)]


def _carry_part(part: Mapping[str, Any], nav: models.Nav, whole: bool) -> list[Any]:
    names = ("capital_and_preferred", "catch_up", "split_to_manager")
    about = {name: amount(Decimal(part[name])) for name in names}
    said = _(
        "investors first %(capital_and_preferred)s, catch-up %(catch_up)s, manager's part of the "
        "rest %(split_to_manager)s"
    )
    return [said % about, "–", "–", "–", _terms_of(nav)]


def _terms_of(nav: models.Nav) -> Any:
    return words.anchor(words.link_url(nav.fund), _("terms of the fund"))


_PARTS = {
    PartKind.CASH: _cash_part,
    PartKind.UNITS: _unit_part,
    PartKind.STAKE: _stake_part,
    PartKind.FEE_OWED: _fee_part,
    PartKind.CARRY_OWED: _carry_part,
}
