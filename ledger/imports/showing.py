"""An import's page beside its fields: where it leads, what it brings, what is wrong with it."""

import re
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from ledger.doors.wording import number_format
from ledger.imports import approvable, models, queries
from ledger.imports.mapping import ALL_ACTS, FIELDS, STATE_NAMES
from ledger.imports.rules import get_target
from ledger.imports.states import ImportState

SHOWN = 50
_ACT_WORDS = {act.value: said for act, said in ALL_ACTS.items()}
KEY = re.compile(r"(?P<act>[A-Z]+)(?::| \| )(?P<rest>.*)")


# What has become of the file, and what comes next.
NEXT: dict[ImportState, Any] = {
    ImportState.UPLOADED: gettext_lazy(
        "No layout knows the headings of this file. Say which column is which, and it is read."
    ),
    ImportState.STAGING: gettext_lazy("The file is being read and compared with the books."),
    ImportState.READY: gettext_lazy(
        "The file has been checked. Nothing of it is in the books until it is taken in."
    ),
    ImportState.COMMITTING: gettext_lazy(
        "The file is being taken in: all of it or nothing, and nobody sees a part of it."
    ),
    ImportState.COMMITTED: gettext_lazy("The file has been taken in, all of it."),
    ImportState.UNDOING: gettext_lazy("What the file brought is being taken back."),
    ImportState.UNDONE: gettext_lazy("What the file brought was taken back by linked reversals."),
    ImportState.DISCARDED: gettext_lazy("The file was put aside. Nothing of it is in the books."),
}


def what_next(obj: models.Import) -> str:
    """One sentence for the top of the page."""
    if obj.state != ImportState.FAULTY:
        return str(NEXT[ImportState(obj.state)])
    said = ngettext(
        "%(count)s problem keeps the file out; nothing of it is in the books.",
        "%(count)s problems keep the file out; nothing of it is in the books.",
        obj.problem_count,
    ) % {"count": number_format(obj.problem_count)}
    help_ = _("Correct the file and import it again, or set its lines aside and take in the rest.")
    return f"{said} {help_}"


def links(obj: models.Import) -> list[tuple[str, str]]:
    problems = reverse("admin:ledger_imports_importproblem_changelist")
    wanted = f"import_of__id__exact={obj.pk}"
    found = [
        *queries.pages_of(obj),
        (_("All problems"), f"{problems}?{wanted}"),
        (_("Problems as CSV"), f"{problems}export.csv?{wanted}"),
        (_("Problems as XLSX"), f"{problems}export.xlsx?{wanted}"),
        (
            _("Lines as they came"),
            f"{reverse('admin:ledger_imports_importrow_changelist')}?import_id={obj.pk}",
        ),
    ]
    if obj.job_id:
        found.append((_("The job"), reverse("admin:ledger_jobs_job_change", args=[obj.job_id])))
    if obj.state == ImportState.UPLOADED:
        found.insert(0, (_("Map the columns"), reverse("import_mapping", args=[obj.pk])))
    return found


def written(obj: models.Import) -> dict[str, Any]:
    if "accounts" in obj.summary:
        return _stated(obj)
    if not get_target(obj.target).moves_units:
        return _told_of_days(obj)
    rows = [
        (
            approvable.kind_name(one["kind"]), one["scheme"], str(one["vintage"] or "–"),
            number_format(one["movements"]), number_format(one["units"]),
        )
        for one in obj.summary.get("written", [])[:200]
    ]  # fmt: skip
    done = obj.state in {ImportState.COMMITTED, ImportState.UNDOING, ImportState.UNDONE}
    return {
        "title": _("What was written") if done else _("What will be written"),
        "headings": [_("Movement"), _("Scheme"), _("Vintage"), _("Records"), _("Units")],
        "rows": rows,
    }


def _told_of_days(obj: models.Import) -> dict[str, Any]:
    """Prices and rates: what is told of how many days."""
    rows = [
        (
            approvable.kind_name(one["kind"]), one["scheme"], str(one["vintage"] or "–"),
            number_format(one["movements"]), one["days"],
        )
        for one in obj.summary.get("written", [])[:200]
    ]  # fmt: skip
    return {
        "title": pgettext("of a file", "What is told"),
        "headings": [_("Kind"), _("Scheme or currencies"), _("Vintage"), _("Days"), _("From, to")],
        "rows": rows,
    }


def _stated(obj: models.Import) -> dict[str, Any]:
    """What a statement says, which writes nothing into the books."""
    told = [number_format(obj.summary[name]) for name in ("accounts", "lines", "units")]
    return {
        "title": _("What the statement says"),
        "headings": [_("Accounts"), _("Lines"), _("Units")],
        "rows": [told],
    }


def kinds_of_problems(obj: models.Import) -> dict[str, Any]:
    examples = queries.problem_examples(obj)
    rows = [
        (examples[code], _("keeps the file out") if blocks else _("notice"), number_format(count))
        for code, blocks, count in queries.problem_counts(obj)
    ]
    return {
        "title": _("Problems by kind"),
        "headings": [_("The first of its kind"), _("Effect"), _("How many")],
        "rows": rows,
    }


def first_problems(obj: models.Import) -> dict[str, Any]:
    found = queries.standing_problems(obj)[:SHOWN]
    rows = [(one.row_number or "–", one.shown_column, one.text) for one in found]
    return {
        "title": _("The first problems"),
        "headings": [_("Row"), _("Column"), _("Reason")],
        "rows": rows,
    }


def key_in_words(key: str) -> str:
    """What a line is known by, with what it says of it in words."""
    found = KEY.fullmatch(key)
    said = _ACT_WORDS.get(found["act"]) if found else None
    return f"{_(said)} · {found['rest']}" if found and said else key


def fields_of(obj: models.Mapping) -> dict[str, Any]:
    """A saved mapping: field, column of the file, and what every line has."""
    columns, constants = obj.content["columns"], dict(obj.content["constants"])
    if state := constants.get("state"):
        constants["state"] = _(STATE_NAMES.get(state, state))
    rows = [
        (_(said), columns.get(name, "–"), constants.get(name, "–"))
        for name, said in FIELDS.items()
        if name in columns or name in constants
    ]
    return {
        "title": _("Columns"),
        "headings": [_("Field"), _("Column of the file"), _("The same for every line")],
        "rows": rows,
    }
