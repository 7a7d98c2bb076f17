"""What other rooms, above all the targets, may ask of an import."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from ledger.imports import layouts, mapping, models, rules
from ledger.imports.queries.content import (
    VERBS,
    check_rows_match_events,
    content_digest,
    content_of,
    digest_of_piece,
    facts_of,
)
from ledger.imports.queries.for_targets import (
    FRESH_ROWS,
    STANDING_ROWS,
    fresh_count,
    record_count,
    stream,
)
from ledger.imports.states import ImportState
from ledger.jobs import queries as jobs
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import N_, NotFound

__all__ = [
    "FRESH_ROWS",
    "STANDING_ROWS",
    "VERBS",
    "check_rows_match_events",
    "content_digest",
    "content_of",
    "digest_of_piece",
    "facts_of",
    "fresh_count",
    "record_count",
    "stream",
]

# What its jobs are called: reading, taking in, undoing.
JOB_KINDS = (N_("Reading an import"), N_("Taking an import in"), N_("Undoing an import"))


@dataclass(frozen=True, slots=True)
class ImportView:
    """What a target needs to know of an import."""

    id: UUID
    party_id: UUID
    target: str
    account_id: UUID | None
    is_one_account: bool
    choices: dict[str, Any]
    as_of: date
    layout: str
    mapping_id: UUID | None
    file_id: UUID
    sha256: str
    file_name: str
    state: ImportState
    summary: dict[str, Any]
    result: dict[str, Any]
    at: datetime  # of its last step: a check's own moment


def view_of(row: models.Import) -> ImportView:
    return ImportView(
        id=row.id,
        party_id=row.party_id,
        target=row.target,
        account_id=row.account_id,
        is_one_account=row.is_one_account,
        choices=row.choices,
        as_of=row.as_of,
        layout=row.layout,
        mapping_id=row.mapping_id,
        file_id=row.file_id,
        sha256=row.sha256,
        file_name=row.file_name,
        state=ImportState(row.state),
        summary=row.summary,
        result=row.result,
        at=row.moved_at,
    )


def get_import(import_id: UUID) -> ImportView:
    """For targets and jobs, which have been let in already.

    :raises NotFound: no such import
    """
    row = models.Import.objects.filter(pk=import_id).first()
    if row is None:
        raise NotFound(str(import_id))
    return view_of(row)


def imports_of(by: Actor) -> QuerySet[models.Import]:
    """The imports of the actor's party, newest first."""
    rows = models.Import.objects.order_by("-uploaded_at")
    sees_all = by.is_machine or by.has(Role.AUDITOR)
    return rows if sees_all else rows.filter(party_id=by.own_party)


def get_own_import(import_id: UUID, *, by: Actor) -> models.Import:
    """:raises NotFound: not there, or another party's"""
    row = imports_of(by).filter(pk=import_id).first()
    if row is None:
        raise NotFound(str(import_id))
    return row


def mappings_of(by: Actor) -> QuerySet[models.Mapping]:
    """The newest mapping of each name: the party's own, and those shared with all."""
    own = models.Mapping.objects.filter(party_id=by.own_party)
    shared = models.Mapping.objects.filter(is_shared=True)
    newest = (own | shared).order_by("party_id", "name", "-made_at").distinct("party_id", "name")
    return models.Mapping.objects.filter(pk__in=newest.values("pk")).order_by("name")


def get_mapping(mapping_id: UUID, *, by: Actor) -> models.Mapping:
    """:raises NotFound: not there, or neither the party's own nor shared"""
    visible = models.Mapping.objects.filter(pk=mapping_id)
    row = visible.filter(is_shared=True).first() or visible.filter(party_id=by.own_party).first()
    if row is None:
        raise NotFound(str(mapping_id))
    return row


def lines_of(row: models.Import) -> QuerySet[models.ImportRow]:
    return models.ImportRow.objects.filter(import_id=row.pk)


def problems_of(row: models.Import) -> QuerySet[models.ImportProblem]:
    """Those found while reading and those of the newest check."""
    newest = models.ImportProblem.objects.filter(
        import_of=row, check_number__in={0, row.check_number}
    )
    return newest.select_related("import_of__mapping").order_by("row_number", "line", "id")


def standing_problems(row: models.Import) -> QuerySet[models.ImportProblem]:
    """Without those of lines that were set aside."""
    aside = models.SetAside.objects.filter(
        import_of=row, row_number=OuterRef("row_number"), line=OuterRef("line")
    )
    return problems_of(row).filter(~Exists(aside))


def problem_counts(row: models.Import) -> list[tuple[str, bool, int]]:
    """Code, whether it keeps the file out, how many; the gravest first."""
    found = standing_problems(row).order_by().values_list("code", "is_blocking")
    counted = found.annotate(count=Count("id")).order_by("-is_blocking", "-count", "code")
    return [(code, blocks, count) for code, blocks, count in counted]


def problem_examples(row: models.Import) -> dict[str, str]:
    """Of each code, the first problem in words."""
    found = standing_problems(row).order_by("code", "row_number", "id").distinct("code")
    return {one.code: one.text for one in found}


def set_aside_count(row: models.Import) -> int:
    return models.SetAside.objects.filter(import_of=row).count()


def pages_of(row: models.Import) -> list[tuple[str, str]]:
    """What was written, where its target shows it; nothing before the file is taken in."""
    leads_to = rules.get_target(row.target).leads_to
    is_in = row.state in {ImportState.COMMITTED, ImportState.UNDOING, ImportState.UNDONE}
    return list(leads_to(row.pk)) if leads_to and is_in else []


def of_file(file_id: UUID, *, by: Actor) -> models.Import | None:
    """The import that a stored file came in with, where the actor sees it."""
    return imports_of(by).filter(file_id=file_id).first()


def columns_of(layout: str) -> tuple[str, ...]:
    """The headings of a file to fill in, where the layout is our own.

    :raises NoSuchLayout:
    """
    return layouts.get(layout).columns


def page_of(import_id: UUID) -> str:
    return reverse("admin:ledger_imports_import_change", args=[import_id])


def acts_of(target: str) -> Sequence[str]:
    """What a mapping may say that a line of this target is."""
    return rules.get_target(target).acts or [act.value for act in mapping.MOVES]


def constants_of(target: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What a mapping may say of all lines of a file, by field."""
    constants = rules.get_target(target).constants
    return constants() if constants else {}


def unknown_givers(row: models.Import) -> list[str]:
    """Registry and number of the accounts that give by the file and are none of the party's."""
    found = standing_problems(row).filter(code="no_account").values_list("params", flat=True)
    return sorted({f"{told['registry']} {told['account']}" for told in found})


shown_heading = models.shown_heading


def say(**ways: Callable[[str], str]) -> None:
    """How codes inside problems are said, by the name of their place in the sentence."""
    rules.says.update(ways)


def act_in_words(act: str) -> str:
    """What a line says, in a few words; what we do not know stays as it is."""
    known = {one.value: said for one, said in mapping.ALL_ACTS.items()}
    return gettext(known[act]) if act in known else act


def fields_in_words(names: str) -> str:
    """Fields of a mapping as its page calls them, from their English names."""
    return ", ".join(gettext(name) for name in names.split(", "))


def targets() -> list[tuple[str, str]]:
    """Name and (English) title of everything that takes files in."""
    return [(one.name, one.title) for one in rules.all_targets()]


def account_choices(*, by: Actor) -> list[tuple[str, str]]:
    """Every account that some target offers."""
    found = {key: name for one in rules.all_targets() for key, name in one.accounts(by)}
    return sorted(found.items(), key=lambda pair: pair[1])


def account_name(row: models.Import) -> str:
    """The account of lines that name none, as its target calls it."""
    if row.account_id is None:
        return ""
    party = Actor(user_id=row.uploaded_by, party_id=row.party_id)
    return dict(rules.get_target(row.target).accounts(party)).get(str(row.account_id), "")


def schemes_of(target: str) -> Sequence[rules.SchemeChoice]:
    """What a mapping may say that its lines are units of."""
    return rules.get_target(target).schemes()


def tell_job(job: Any, actor: Actor | None) -> jobs.Told:
    """What a job of this room is about, and where: for the job's page."""
    row = models.Import.objects.filter(pk=job.args["import_id"]).first()
    if row is None:
        return jobs.Told()
    may_read = actor is not None and imports_of(actor).filter(pk=row.pk).exists()
    page = reverse("admin:ledger_imports_import_change", args=[row.pk])
    said = row.get_state_display()
    return jobs.Told(row.file_name, said, [(row.file_name, page)] if may_read else ())


def job_of(row: models.Import, *, by: Actor) -> Any:
    """The job that works on it, or worked last; None where there is none to be seen."""
    return jobs.jobs_of(by).filter(pk=row.job_id).first() if row.job_id else None
