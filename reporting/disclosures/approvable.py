"""What a person tells of a data point waits for a second person; wired in `config`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.approvals.proposing import Act
from ledger.doors.wording import in_language, number_format
from ledger.files import queries as files
from ledger.kernel.actors import SYSTEM
from reporting.disclosures import operations, queries
from reporting.disclosures.assembling.wording import plain
from reporting.disclosures.queries import projects
from reporting.disclosures.rules import check_entry, check_project, check_removal
from reporting.disclosures.states import EntryKind, ProjectKind, ProjectStage
from reporting.parks import queries as parks


def _tell(asked: dict[str, Any]) -> list[str]:
    point = queries.get_data_point(asked["point"])
    check_entry(
        kind=asked["kind"],
        amount=asked.get("amount"),
        evidence_id=asked.get("evidence_id"),
        text_zh=asked.get("text_zh", ""),
        text_en=asked.get("text_en", ""),
        is_figure=point.is_figure,
    )
    about = {
        "point": in_language(point.heading["zh"], point.heading["en"]),
        "park": parks.get_park(asked["park_id"]).name_zh,
        "year": asked["period_start"].year,
    }
    return [_said(asked, point.unit, about), *_words(asked), *_evidence(asked)]


def _said(asked: Mapping[str, Any], unit: str, about: Mapping[str, Any]) -> str:
    if asked["kind"] == EntryKind.FIGURE:
        amount = Decimal(plain(asked["amount"]))
        more = {**about, "amount": number_format(amount, force_grouping=True), "unit": unit}
        return _("%(park)s, %(year)s: %(point)s is %(amount)s %(unit)s.") % more
    if asked["kind"] == EntryKind.ABSENT:
        return _("%(park)s, %(year)s: %(point)s is not available; the reason is given.") % about
    return _("%(park)s, %(year)s: words on “%(point)s”.") % about


def _words(asked: Mapping[str, Any]) -> list[str]:
    return [text for text in (asked.get("text_zh"), asked.get("text_en")) if text]


def _evidence(asked: Mapping[str, Any]) -> list[str]:
    if not asked.get("evidence_id"):
        return []
    file = files.get_file(file_id=asked["evidence_id"], by=SYSTEM)
    return [_("Evidence: %(name)s (SHA-256 %(hash)s)") % {"name": file.name, "hash": file.sha256}]


def _state(asked: dict[str, Any]) -> Mapping[str, Any]:
    """What is told of the point today: another version in between is another question."""
    found = queries.find_entry(asked["park_id"], asked["period_start"], asked["point"])
    return {"version": found.version if found else 0}


def _enter(asked: dict[str, Any]) -> list[str]:
    check_project(
        expected_tco2e=asked["expected_tco2e"],
        starts_on=asked["starts_on"],
        ends_on=asked.get("ends_on"),
    )
    about = {
        "code": asked["code"],
        "name": in_language(asked["name_zh"], asked.get("name_en", "")),
        "kind": ProjectKind(asked["kind"]).label,
        "stage": ProjectStage(asked["stage"]).label,
        "amount": number_format(asked["expected_tco2e"].normalize(), force_grouping=True),
    }
    return [
        _("Project %(code)s, %(name)s: %(kind)s, %(stage)s.") % about,
        _("It is expected to remove %(amount)s tCO2e in a year.") % about,
        _("A register: nothing of it enters a total, and it issues no credits."),
        *_evidence(asked),
    ]


def _remove(asked: dict[str, Any]) -> list[str]:
    project = projects.get_project(asked["project_id"], by=SYSTEM)
    check_removal(
        year=asked["year"],
        removed_tco2e=asked["removed_tco2e"],
        starts_on=project.starts_on,
        ends_on=project.ends_on,
    )
    about = {
        "project": str(project),
        "year": asked["year"],
        "amount": number_format(asked["removed_tco2e"].normalize(), force_grouping=True),
        "method": asked["method"],
    }
    return [
        _("%(project)s removed %(amount)s tCO2e in %(year)s: %(method)s") % about,
        _("A memo: no total and no credit changes."),
        *_evidence(asked),
    ]


def _project_state(asked: dict[str, Any]) -> Mapping[str, Any]:
    return {"version": projects.newest_version(asked["park_id"], asked["code"])}


def _removal_state(asked: dict[str, Any]) -> Mapping[str, Any]:
    project = projects.get_project(asked["project_id"], by=SYSTEM)
    return {
        "project": project.version,
        "version": projects.newest_removal_version(project, asked["year"]),
    }


ACTS: Mapping[str, Act] = {
    "disclosures.tell_point": Act(
        title=gettext_lazy("Data point of a disclosure"),
        operate=operations.tell_point,
        describe=_tell,
        relies_on=_state,
    ),
    "disclosures.enter_project": Act(
        title=gettext_lazy("Sink or CCUS project"),
        operate=operations.enter_project,
        describe=_enter,
        relies_on=_project_state,
    ),
    "disclosures.tell_removal": Act(
        title=gettext_lazy("Removal of a project, as a memo"),
        operate=operations.tell_removal,
        describe=_remove,
        relies_on=_removal_state,
    ),
}
