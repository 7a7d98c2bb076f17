"""Tables of contracts, statements and meters, every figure a link to what it is made of."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from finance.ppas import queries
from finance.ppas.models import (
    CertificateMatch,
    Contract,
    DeviationRule,
    PricePart,
    Settlement,
    SettlementLine,
    SettlementPoint,
)
from finance.ppas.queries.settlements import FINAL
from finance.ppas.rules.money import amount_of, average_price
from finance.ppas.showing import words
from finance.ppas.states import PartKind, Role, RuleKind, Side, Tariff
from ledger.doors.wording import number_format

Table = dict[str, Any]
LINK = '<a class="text-primary-600 underline" href="{}">{}</a>'


def link(url: str, text: object) -> SafeString:
    return format_html(LINK, url, text)


def page_of(model: str, key: object) -> str:
    return reverse(f"admin:finance_ppas_{model}_change", args=[key])


def rows_page(point_id: UUID, month: Any) -> str:
    return reverse("ppa_rows", args=[point_id, f"{month:%Y-%m}"])


def month_link(row: Settlement) -> SafeString:
    return link(page_of("settlement", row.pk), f"{row.month:%Y-%m}")


# --- a contract


def prices(contract: Contract) -> Table:
    return {
        "title": _("Price parts"),
        "headings": [_("price part"), _("price, CNY/kWh"), _("valid from"), _("basis")],
        "rows": [
            [
                format_html('<span id="price-{}">{}</span>', row.pk,
                            words.part_name(row.kind, row.tariff)),
                words.price(row.cny_per_kwh),
                f"{row.valid_from:%Y-%m}",
                row.basis,
            ]
            for row in PricePart.objects.filter(contract=contract)
        ],
    }  # fmt: skip


def deviations(contract: Contract) -> Table:
    return {
        "title": _("Shortfall and surplus"),
        "headings": [_("deviation"), _("rule"), _("valid from"), _("basis")],
        "rows": [
            [
                format_html('<span id="rule-{}">{}</span>', row.pk, row.get_of_display()),
                rule_of(row),
                f"{row.valid_from:%Y-%m}",
                f"{row.basis} ({_('unverified')})" if row.is_unverified else row.basis,
            ]
            for row in DeviationRule.objects.filter(contract=contract)
        ],
    }  # fmt: skip


def province(contract: Contract) -> Table | None:
    """Rules of the province, as far as they are known; agreed terms come before them."""
    names = {
        "ppa.shortfall.rate": _("shortfall, share of the contract price"),
        "ppa.shortfall.tolerance": _("free band of a shortfall"),
    }
    found = queries.province_rules(contract.region)
    if not found:
        return None
    return {
        "title": _("What is known of the province's rules"),
        "headings": [_("what"), _("figure"), _("valid from"), _("basis")],
        "rows": [
            [
                names[row.key],
                words.percent(int(row.number * 10_000)),
                f"{row.valid_from:%Y-%m-%d}",
                f"{row.legal_basis} ({_('unverified')})" if row.is_unverified
                else row.legal_basis,
            ]
            for row in found
        ],
    }  # fmt: skip


def rule_of(row: DeviationRule) -> str:
    return words.rule_text(RuleKind(row.kind), row.rate_bps, row.tolerance_bps, row.cny_per_kwh)


def meters(contract: Contract) -> Table:
    return {
        "title": _("Meters"),
        "headings": [_("metering point"), _("metered side"), _("portion"), _("rows"), _("plant")],
        "rows": [
            [
                link(page_of("point", point.pk), point),
                point.get_side_display(),
                words.percent(share),
                point.get_grain_display(),
                str(point.plant or "–"),
            ]
            for point, share in queries.points_of(contract)
        ],
    }


def months(contract: Contract, rows: Sequence[Settlement]) -> Table:
    """Every month of the term: contracted, and how far its settlement has come."""
    known = {row.month: row for row in rows}
    volumes = queries.newest_volumes([contract.pk])
    return {
        "id": "months",
        "title": _("Month by month, MWh"),
        "headings": [
            _("month"), _("contracted"), _("generated energy"), _("consumed"), _("settled energy"),
            _("shortfall"), _("certificates"), _("the buyer pays, CNY"), _("kind of statement"),
        ],
        "rows": [
            _month_row(one.start, volumes.get((contract.pk, one.start)), known.get(one.start))
            for one in queries.term_of(contract).months()
        ],
    }  # fmt: skip


def _month_row(month: Any, volume: Any, row: Settlement | None) -> list[Any]:
    contracted = words.energy(volume.energy_wh) if volume else "–"
    if row is None:
        return [f"{month:%Y-%m}", contracted, *["–"] * 6, _("not settled")]
    return [
        month_link(row),
        words.energy(row.contracted_wh),
        words.energy(row.generated_wh),
        words.energy(row.consumed_wh),
        words.energy(row.settled_wh),
        words.energy(row.contracted_wh - row.delivered_wh if row.contracted_wh else 0)
        if row.contracted_wh > row.delivered_wh
        else "0",
        number_format(row.certificate_count),
        words.money(row.buyer_pays_cny),
        f"{row.get_kind_display()} · {row.version}",
    ]


# --- a statement


def quantities(row: Settlement) -> Table:
    """§8.4 line by line."""
    ratio = queries.summary_of([row]).delivery_bps
    short = max(0, row.contracted_wh - row.delivered_wh)
    told = [
        (
            _("contracted"),
            link(
                f"{page_of('contract', row.contract_id)}#months",
                f"{words.energy(row.contracted_wh)} MWh",
            ),
        ),
        (_("generated, the contract's share"), f"{words.energy(row.generated_wh)} MWh"),
        (_("consumed"), f"{words.energy(row.consumed_wh)} MWh"),
        (_("delivered"), f"{words.energy(row.delivered_wh)} MWh"),
        (_("delivery ratio"), words.percent(ratio)),
        (_("settled energy"), f"{words.energy(row.settled_wh)} MWh"),
        (_("shortfall"), f"{words.energy(short)} MWh"),
        (_("of it the generator's"), f"{words.energy(row.seller_short_wh)} MWh"),
        (_("of it the user's"), f"{words.energy(row.buyer_short_wh)} MWh"),
        (_("surplus"), f"{words.energy(row.surplus_wh)} MWh"),
    ]
    if row.make_good_wh:
        told.append((_("to be made good"), f"{words.energy(row.make_good_wh)} MWh"))
    if row.missing_count:
        told.append((_("missing meter rows"), number_format(row.missing_count)))
    return {
        "title": _("Quantities"),
        "headings": [_("what"), _("quantity")],
        "rows": [told[0], *((what, link("#meters", figure)) for what, figure in told[1:])],
    }


def lines(row: Settlement) -> Table:
    """Each line with its meter rows and its price part or rule."""
    found = row.lines.select_related("price", "rule").order_by("position")
    contract = page_of("contract", row.contract_id)
    meter_rows = reverse("ppa_statement_rows", args=[row.pk])
    return {
        "id": "lines",
        "title": _("Lines"),
        "headings": [
            _("what"), _("quantity, MWh"), _("price, CNY/kWh"), _("amount, CNY"),
            _("payer"), _("payee"), _("price or rule"),
        ],
        "rows": [
            [
                _line_name(line),
                link(meter_rows, words.energy(line.energy_wh)),
                words.price(line.cny_per_kwh),
                words.money(line.amount_cny),
                Role(line.payer).label,
                Role(line.payee).label,
                _source(line, contract),
            ]
            for line in found
        ],
    }  # fmt: skip


def _line_name(line: SettlementLine) -> str:
    name = str(line.get_kind_display())
    return f"{name} · {Tariff(line.tariff).label}" if line.tariff else name


def _source(line: SettlementLine, contract: str) -> SafeString:
    if line.price is not None:
        return link(f"{contract}#price-{line.price_id}", line.price.basis)
    assert line.rule is not None  # noqa: S101  the database keeps one of both
    return link(f"{contract}#rule-{line.rule_id}", f"{rule_of(line.rule)} ({line.rule.basis})")


def payments(row: Settlement) -> Table:
    return {
        "title": _("Payments"),
        "headings": [_("payments of whom"), _("amount, CNY")],
        "rows": [
            [_("the buyer pays"), link("#lines", words.money(row.buyer_pays_cny))],
            [_("the seller gets"), link("#lines", words.money(row.seller_gets_cny))],
            [_("the grid company gets"), link("#lines", words.money(row.grid_gets_cny))],
            [_("the treasury gets"), link("#lines", words.money(row.treasury_gets_cny))],
        ],
    }


def premium(row: Settlement) -> Table | None:
    """The premium on what was delivered, beside what it would have been as contracted."""
    paid = [line for line in row.lines.all() if line.kind == PartKind.ENVIRONMENT]
    terms = queries.terms_in(row.contract, row.month)
    prices_of = [price for price in terms.prices if price.kind == PartKind.ENVIRONMENT]
    if not prices_of:
        return None
    each = average_price({"": 1}, prices_of)
    got = sum((line.amount_cny for line in paid), start=Decimal(0))
    whole = amount_of(row.contracted_wh, each)
    return {
        "title": _("Green environmental premium"),
        "headings": [_("what"), _("amount, CNY")],
        "rows": [
            [_("on what was settled"), link("#lines", words.money(got))],
            [
                _("as contracted"),
                link(f"{page_of('contract', row.contract_id)}#months", words.money(whole)),
            ],
            [_("difference"), link("#lines", words.money(whole - got))],
        ],
    }


def metered(row: Settlement) -> Table:
    found = SettlementPoint.objects.filter(settlement=row).select_related("point", "meter_month")
    ordered = sorted(found, key=lambda one: (one.point.side != Side.GENERATION, one.point.code))
    return {
        "id": "meters",
        "title": _("Meters"),
        "headings": [
            _("metering point"), _("metered side"), _("metered, MWh"), _("portion"),
            _("settled, MWh"),
            _("version of the rows"),
        ],
        "rows": [
            [
                link(rows_page(one.point_id, row.month), one.point),
                one.point.get_side_display(),
                words.energy(one.metered_wh),
                words.percent(one.share_bps),
                words.energy(one.settled_wh),
                str(one.meter_month.version) if one.meter_month else _("no rows"),
            ]
            for one in ordered
        ],
    }  # fmt: skip


def certificates(row: Settlement) -> Table | None:
    if not row.contract.is_bundled:
        return None
    known = queries.delivered_of(row)
    months = f"{page_of('contract', row.contract_id)}#months"
    rows: list[list[Any]] = [
        [_("carried in"), link(months, f"{words.energy(row.carried_in_wh)} MWh")],
        [_("due"), link("#meters", number_format(row.certificate_count))],
        [_("carried on"), link("#meters", f"{words.energy(row.carried_out_wh)} MWh")],
        [_("delivered"), link(_list_of("certificatematch", row), number_format(known.delivered))],
        [_("claimed"), link(_list_of("powerclaim", row), number_format(known.claimed))],
    ]
    found = CertificateMatch.objects.filter(contract=row.contract_id, month=row.month)
    for match in found.select_related("lot").order_by("matched_at"):
        rows.append(
            [match.get_purpose_display(),
             link(page_of("certificatematch", match.pk),
                  f"{number_format(match.unit_count)} · {match.lot.code}")]
        )  # fmt: skip
    return {"title": _("Certificates"), "headings": [_("what"), _("quantity")], "rows": rows}


def _list_of(model: str, row: Settlement) -> str:
    """What was delivered or claimed for the contract."""
    address = reverse(f"admin:finance_ppas_{model}_changelist")
    return f"{address}?contract__id__exact={row.contract_id}"


def versions(row: Settlement) -> Table:
    found = Settlement.objects.filter(contract=row.contract_id, month=row.month)
    return {
        "title": _("Versions"),
        "headings": [
            _("version"), _("kind of statement"), _("settled, MWh"), _("certificates"),
            _("the buyer pays, CNY"), _("reason"),
        ],
        "rows": [
            [
                link(page_of("settlement", one.pk), one.version),
                one.get_kind_display(),
                words.energy(one.settled_wh),
                number_format(one.certificate_count),
                words.money(one.buyer_pays_cny),
                one.reason or "–",
            ]
            for one in found.order_by("-version")
        ],
    }  # fmt: skip


def is_final(row: Settlement) -> bool:
    return row.kind in FINAL
