"""The side bar: the rooms' lists grouped by task, only those that the reader may open."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ledger.doors.admin import actor_of, site
from ledger.kernel.actors import Role

# group title → (app label, icon) in the order of the day's work
GROUPS: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...] = (
    (
        _("Assets"),
        (
            ("ledger_units", "inventory_2"),
            ("ledger_imports", "upload_file"),
            ("ledger_holds", "lock"),
            ("ledger_claims", "verified"),
            ("ledger_reconciliation", "balance"),
            ("ledger_compliance", "gavel"),
            ("ledger_accounts", "account_balance"),
            ("ledger_instruments", "category"),
        ),
    ),
    (
        _("Finance"),
        (
            ("finance_ppas", "wind_power"),
            ("finance_prices", "sell"),
            ("finance_repos", "handshake"),
            ("finance_hedges", "trending_up"),
            ("finance_trades", "swap_horiz"),
            ("finance_planner", "route"),
            ("finance_facilities", "account_balance_wallet"),
            ("finance_pledges", "shield_lock"),
            ("finance_funds", "savings"),
            ("finance_proceeds", "eco"),
            ("finance_sharing", "call_split"),
        ),
    ),
    (
        _("Data and disclosure"),
        (
            ("reporting_parks", "factory"),
            ("reporting_readings", "electric_meter"),
            ("reporting_activity", "bolt"),
            ("reporting_entries", "edit_note"),
            ("reporting_inventories", "co2"),
            ("reporting_indicators", "speed"),
            ("reporting_targets", "flag_circle"),
            ("reporting_verification", "fact_check"),
            ("reporting_disclosures", "article"),
            ("reporting_packages", "workspace_premium"),
            ("reporting_attestations", "verified_user"),
        ),
    ),
    (_("Work"), (("ledger_notices", "mail"), ("ledger_approvals", "approval"),
                 ("ledger_jobs", "schedule"), ("ledger_files", "attach_file"),
                 ("reporting_desk", "bookmark"))),
    (_("Rules"), (("ledger_parameters", "rule"), ("reporting_factors", "calculate"))),
    (_("Audit"), (("ledger_audit", "history"), ("ledger_proofs", "account_tree"))),
    (_("People"), (("ledger_parties", "group"),)),
)  # fmt: skip

# pages of a room beside its lists: title, icon, name of the address
PAGES: dict[str, tuple[tuple[Any, str, str], ...]] = {
    "reporting_indicators": ((_("Park indicators"), "speed", "park_indicators"),),
    "finance_funds": ((_("Fund positions"), "pie_chart", "fund_positions"),),
    "ledger_units": (
        (_("Holdings"), "stacked_bar_chart", "units_holdings"),
        (_("Movement history"), "history", "units_history"),
        (_("Serial search"), "pin", "units_serials"),
    ),
    "ledger_accounts": ((_("Account types and transactions"), "grid_on", "accounts_matrix"),),
    "finance_prices": (
        (_("Valuation"), "monitoring", "prices_valuation"),
        (_("Price history"), "show_chart", "prices_history"),
    ),
    "finance_repos": ((_("Held and ours"), "balance", "repos_ours"),),
    "finance_hedges": ((_("What is hedged"), "shield", "hedges_ratio"),),
    "ledger_notices": ((_("Notices"), "notifications", "notices_inbox"),),
    "reporting_disclosures": (
        (_("Disclosures by framework"), "checklist", "disclosures_overview"),
        (_("Appraisal by year"), "query_stats", "disclosures_appraisal"),
        (_("Carbon accounts of enterprises"), "domain", "disclosures_enterprises"),
        (_("If the park traded"), "swap_horiz", "disclosures_trading"),
        (_("Low-carbon entry figure"), "door_front", "disclosures_entry"),
    ),
    "finance_trades": (
        (_("Cost lots"), "layers", "trades_lots"),
        (_("Trading result"), "trending_up", "trades_result"),
        (_("Suggested entries"), "receipt_long", "trades_entries"),
        (_("Table of the notes"), "table_chart", "trades_notes"),
        (_("Statement against trades"), "join_inner", "trades_unmatched"),
    ),
}


# A page names some hundred and fifty addresses, which never change.
_address = cache(reverse)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What the theme draws at the side."""
    home = {"title": _("Home"), "icon": "home", "link": reverse("admin:index")}
    start = {"title": _("Guided start"), "icon": "flag", "link": reverse("guided_start")}
    starts = actor_of(request).has(Role.CARBON_MANAGER, Role.ADMINISTRATOR)
    handbook = {"title": _("Handbook"), "icon": "menu_book", "link": reverse("help")}
    portal = {"title": _("Bank portal"), "icon": "account_balance", "link": reverse("bank")}
    first = [home, *([start] if starts else [])]
    first += [portal] if actor_of(request).has(Role.BANK_OFFICER) else []
    groups: list[dict[str, Any]] = [{"items": [*first, handbook]}]
    for title, rooms in GROUPS:
        items = [item for label, icon in rooms for item in _of_room(request, label, icon)]
        if items:
            groups.append({"title": title, "separator": True, "collapsible": True, "items": items})
    return groups


def _of_room(request: HttpRequest, label: str, icon: str) -> list[dict[str, Any]]:
    lists = _lists(request, label, icon)
    pages = [
        {"title": name, "icon": sign, "link": _address(address)}
        for name, sign, address in PAGES.get(label, ())
    ]
    return pages + lists if lists else []  # who may open no list of a room has no page of it


def _lists(request: HttpRequest, label: str, icon: str) -> list[dict[str, Any]]:
    registered = [model for model in site._registry if model._meta.app_label == label]
    return [
        {
            "title": capfirst(model._meta.verbose_name_plural),
            "icon": icon,
            "link": _address(f"admin:{label}_{model._meta.model_name}_changelist"),
        }
        for model in registered
        if site._registry[model].has_module_permission(request)
    ]


def environment(request: HttpRequest) -> list[str] | None:
    """The badge that says this is a demonstration."""
    from django.conf import settings

    return [str(_("Demonstration")), "warning"] if settings.MODE == "demo" else None
