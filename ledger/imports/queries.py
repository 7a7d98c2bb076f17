"""What other rooms, above all the targets, may ask of an import."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.imports import layouts, mapping, models, rules
from ledger.imports.states import ImportState
from ledger.jobs import queries as jobs
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import N_, NotFound

# What its jobs are called: reading, taking in, undoing.
JOB_KINDS = (N_("Reading an import"), N_("Taking an import in"), N_("Undoing an import"))
VERBS = (
    "import.uploaded",
    "import.layout_chosen",
    "import.check_asked",
    "import.told",
    "import.checked",
    "import.commit_begun",
    "import.refused",
    "import.committed",
    "import.undo_begun",
    "import.undo_refused",
    "import.undone",
    "import.discarded",
)

# The rows of an import that are to be taken in: read, not set aside, not in the books already.
# For a target's own SQL; the parameter is named %(import)s.
FRESH_ROWS = """
    SELECT r.row_number, r.line, r.natural_key, r.key, r.record
    FROM ledger_imports_row AS r
    WHERE r.import_id = %(import)s AND r.record IS NOT NULL
      AND NOT EXISTS (SELECT FROM ledger_imports_takenkey AS t WHERE t.key = r.key)
      AND NOT EXISTS (SELECT FROM ledger_imports_setaside AS a
                      WHERE a.import_of_id = r.import_id AND a.row_number = r.row_number
                        AND a.line = r.line)
"""
# The same where each file is a whole picture: what was taken in before is said again.
STANDING_ROWS = """
    SELECT r.row_number, r.line, r.record
    FROM ledger_imports_row AS r
    WHERE r.import_id = %(import)s AND r.record IS NOT NULL
      AND NOT EXISTS (SELECT FROM ledger_imports_setaside AS a
                      WHERE a.import_of_id = r.import_id AND a.row_number = r.row_number
                        AND a.line = r.line)
"""


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


def stream(sql: str, params: dict[str, Any], size: int = 5_000) -> Iterator[tuple[Any, ...]]:
    """The rows of a query a few thousand at a time, however many; inside a transaction."""
    name = f"stream_{uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", params)
        try:
            while True:
                cursor.execute(f"FETCH {size} FROM {name}")
                rows = cursor.fetchall()
                if not rows:
                    break
                yield from rows
        finally:
            if not connection.needs_rollback and connection.in_atomic_block:
                cursor.execute(f"CLOSE {name}")


def fresh_count(import_id: UUID) -> int:
    """How many records are new."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({FRESH_ROWS}) AS f",  # noqa: S608
            {"import": import_id},
        )
        return int(cursor.fetchone()[0])


def record_count(import_id: UUID) -> int:
    """How many records are not set aside."""
    aside = models.SetAside.objects.filter(
        import_of=import_id, row_number=OuterRef("row_number"), line=OuterRef("line")
    )
    rows = models.ImportRow.objects.filter(import_id=import_id, record__isnull=False)
    return rows.filter(~Exists(aside)).count()


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


# --- rows against their events


def content_of(row: models.Import) -> dict[str, Any]:
    """The row as its newest event tells it; the file's name may be a person's.

    `choices` came later, and is told once there are any.
    """
    skipped = {"file_name", "job_id"} | (set() if row.choices else {"choices"})
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in skipped
    }


def facts_of(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


PIECE_DIGEST = """
    SELECT encode(sha256(coalesce(string_agg(
               row_number || ' ' || line || ' ' || raw::text || coalesce(record::text, '-')
               || natural_key || coalesce(key::text, '-'), E'\\n'
               ORDER BY row_number, line), '')::bytea), 'hex')
    FROM ledger_imports_row
    WHERE import_id = %(import)s AND row_number > %(after)s AND row_number <= %(until)s
"""


def digest_of_piece(*, import_id: UUID, after: int, until: int) -> str:
    """SHA-256 over the rows of a stretch as they stand in the database."""
    with connection.cursor() as cursor:
        cursor.execute(PIECE_DIGEST, {"import": import_id, "after": after, "until": until})
        return str(cursor.fetchone()[0])


def check_rows_match_events() -> Iterator[Fault]:
    """Imports, mappings and lines set aside as their events tell; lines by their digests."""
    yield from compare_rows_with_events(
        ((f"imports.Import:{one.pk}", content_of(one)) for one in models.Import.objects.iterator()),
        kind="imports.import",
        verbs=VERBS,
    )
    yield from compare_rows_with_events(
        ((f"imports.Mapping:{one.pk}", facts_of(one)) for one in models.Mapping.objects.iterator()),
        kind="imports.mapping",
        verbs=["mapping.saved"],
    )
    yield from compare_rows_with_events(
        (
            (f"imports.SetAside:{one.pk}", facts_of(one))
            for one in models.SetAside.objects.iterator()
        ),
        kind="imports.set_aside",
        verbs=["import.line_set_aside"],
    )
    for one in models.Import.objects.filter(is_staged=True).order_by("pk").iterator():
        yield from _line_faults(one)


def _line_faults(one: models.Import) -> Iterator[Fault]:
    subject = f"imports.Import:{one.pk}"
    after, pieces = 0, []
    for piece in models.ImportPiece.objects.filter(import_id=one.pk).order_by("number"):
        digest = digest_of_piece(import_id=one.pk, after=after, until=piece.last_row)
        if digest != piece.digest:
            yield Fault("imports.lines", subject, f"lines {after + 1} to {piece.last_row} differ")
        pieces.append(piece)
        after = piece.last_row
    if content_digest(pieces) != one.content_digest:
        yield Fault("imports.pieces", subject, "its pieces are not those that were read")
    if models.ImportRow.objects.filter(import_id=one.pk, row_number__gt=after).exists():
        yield Fault("imports.lines", subject, f"lines after {after} that nobody read")


def content_digest(pieces: list[models.ImportPiece]) -> str:
    """One digest for all pieces in their order."""
    text = "\n".join(
        f"{p.number} {p.last_row} {p.line_count} {p.record_count} {p.digest}" for p in pieces
    )
    return sha256(text.encode()).hexdigest()
