"""The side bar: the rooms' lists grouped by task, only those that the reader may open."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
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
    (_("Finance"), (("finance_planner", "route"),)),
    (
        _("Data and disclosure"),
        (
            ("reporting_parks", "factory"),
            ("reporting_activity", "bolt"),
            ("reporting_inventories", "co2"),
            ("reporting_verification", "fact_check"),
            ("reporting_disclosures", "article"),
            ("reporting_packages", "workspace_premium"),
        ),
    ),
    (_("Work"), (("ledger_approvals", "approval"), ("ledger_jobs", "schedule"),
                 ("ledger_files", "attach_file"), ("reporting_desk", "bookmark"))),
    (_("Rules"), (("ledger_parameters", "rule"), ("reporting_factors", "calculate"))),
    (_("Audit"), (("ledger_audit", "history"),)),
    (_("People"), (("ledger_parties", "group"),)),
)  # fmt: skip

# pages of a room beside its lists: title, icon, name of the address
PAGES: dict[str, tuple[tuple[Any, str, str], ...]] = {
    "ledger_units": (
        (_("Holdings"), "stacked_bar_chart", "units_holdings"),
        (_("Movement history"), "history", "units_history"),
        (_("Serial search"), "pin", "units_serials"),
    ),
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What the theme draws at the side."""
    home = {"title": _("Home"), "icon": "home", "link": reverse("admin:index")}
    start = {"title": _("Guided start"), "icon": "flag", "link": reverse("guided_start")}
    starts = actor_of(request).has(Role.CARBON_MANAGER, Role.ADMINISTRATOR)
    groups: list[dict[str, Any]] = [{"items": [home, start] if starts else [home]}]
    for title, rooms in GROUPS:
        items = [item for label, icon in rooms for item in _of_room(request, label, icon)]
        if items:
            groups.append({"title": title, "separator": True, "collapsible": True, "items": items})
    return groups


def _of_room(request: HttpRequest, label: str, icon: str) -> list[dict[str, Any]]:
    pages = [
        {"title": name, "icon": sign, "link": reverse(address)}
        for name, sign, address in PAGES.get(label, ())
    ]
    return pages + _lists(request, label, icon)


def _lists(request: HttpRequest, label: str, icon: str) -> list[dict[str, Any]]:
    registered = [model for model in site._registry if model._meta.app_label == label]
    return [
        {
            "title": model._meta.verbose_name_plural,
            "icon": icon,
            "link": reverse(f"admin:{label}_{model._meta.model_name}_changelist"),
        }
        for model in registered
        if site._registry[model].has_module_permission(request)
    ]


def environment(request: HttpRequest) -> list[str] | None:
    """The badge that says this is a demonstration."""
    from django.conf import settings

    return [str(_("Demonstration")), "warning"] if settings.MODE == "demo" else None
