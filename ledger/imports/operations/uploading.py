"""A file comes in: kept as it is, its layout recognised or chosen, then read by a job."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from django.conf import settings

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.files import operations as files
from ledger.files import queries as stored_files
from ledger.files.queries import FileType
from ledger.imports import layouts, mapping, models, queries, reading, rules, staging
from ledger.imports.operations.moving import ask_for_work, locked, move, record
from ledger.imports.records import DateOrder
from ledger.imports.rules import NoLayoutChosen, NotTheseColumns, RowProblem, SchemeChoice
from ledger.imports.states import ImportState
from ledger.kernel.actors import Actor

PURPOSE = "import"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The import of a file, and whether it was here before: then nothing has changed."""

    import_id: UUID
    is_new: bool
    state: ImportState


def register_target(
    name: str,
    *,
    title: str,
    check: Callable[[UUID], Iterable[RowProblem]],
    commit: Callable[..., Mapping[str, Any]],
    undo: Callable[..., Mapping[str, Any]],
    summarise: Callable[[UUID], Mapping[str, Any]] | None = None,
    accounts: Callable[..., Iterable[tuple[str, str]]] | None = None,
    schemes: Callable[[], Sequence[SchemeChoice]] | None = None,
    outside: Callable[..., Iterable[tuple[str, str]]] | None = None,
    is_approved: bool = False,
    is_whole: bool = False,
) -> None:
    """Let a room take files in; called from `config/wiring.py`. See `rules.Target`."""
    rules.add_target(
        rules.Target(
            name=name,
            title=title,
            check=check,
            commit=commit,
            undo=undo,
            summarise=summarise or (lambda import_id: {}),
            accounts=accounts or (lambda by: []),
            schemes=schemes or (lambda: []),
            outside=outside,
            is_approved=is_approved,
            is_whole=is_whole,
        )
    )


@operation
def upload_file(
    *,
    content: IO[bytes],
    name: str,
    target: str,
    as_of: date,
    by: Actor,
    at: datetime,
    account_id: UUID | None = None,
    is_one_account: bool = False,
    layout: str = "",
    mapping_id: UUID | None = None,
    date_order: str = "",
) -> Uploaded:
    """Keep a file and find out what it is. The same file for the same account changes nothing.

    Without `layout` or `mapping_id` it is recognised by its headings; if nothing fits, it waits
    for a mapping. `is_one_account`: every line belongs to `account_id`, whatever account it
    names; otherwise only the lines that name none. `date_order` declares how the file writes
    days; empty: as its layout does.

    :raises NoSuchTarget, NoSuchLayout, NotFound: no such target, layout or mapping
    :raises NotTheseColumns: the headings are not those of the layout or mapping named
    :raises FileTooLarge, FileEmpty, FileTypeRefused, FileLooksLikeABomb, FileInfected: refused
    """
    rules.get_target(target)
    stored = files.store_file(
        content=content,
        name=name,
        purpose=PURPOSE,
        party_id=by.own_party,
        by=by,
        at=at,
        accepted=(FileType.TEXT, FileType.XLSX),
        limit_mb=settings.LARGEST_IMPORT_MB,
    )
    known = _known(stored.sha256, target=target, account_id=account_id, by=by)
    if known is not None:
        return Uploaded(known.pk, is_new=False, state=ImportState(known.state))
    with stored_files.open_content(stored) as file:
        table = reading.read(file, is_header=_headings_of_some_layout)
        headings = list(table.headers)
    row = models.Import.objects.create(
        party_id=by.own_party,
        target=target,
        file=stored,
        sha256=stored.sha256,
        file_name=stored.name,
        account_id=account_id,
        is_one_account=is_one_account and account_id is not None,
        as_of=as_of,
        date_order=DateOrder(date_order).value if date_order else "",
        headings=headings,
        uploaded_at=at,
        uploaded_by=by.user_id,
        moved_at=at,
        moved_by=by.user_id,
    )
    record(row, verb="import.uploaded", by=by, at=at)
    chosen = (layout, mapping_id) if layout or mapping_id else _recognised(row, by=by)
    if any(chosen):
        _choose(row, *chosen, by=by, at=at)
    return Uploaded(row.pk, is_new=True, state=ImportState(row.state))


def _known(sha256: str, *, target: str, account_id: UUID | None, by: Actor) -> models.Import | None:
    same = models.Import.objects.filter(
        party_id=by.own_party, target=target, sha256=sha256, account_id=account_id
    )
    return same.exclude(state__in=[ImportState.UNDONE, ImportState.DISCARDED]).first()


def _headings_of_some_layout(found: tuple[str, ...]) -> bool:
    return bool(layouts.recognise(found)) or len([one for one in found if one]) > 1


def _recognised(row: models.Import, *, by: Actor) -> tuple[str, UUID | None]:
    """The layout, else the newest own or shared mapping, that these headings fit."""
    if found := layouts.recognise(row.headings):
        return found[0].code, None
    there = frozenset(row.headings)
    for one in queries.mappings_of(by).order_by("-made_at"):
        spec = mapping.Spec.from_json(one.content)
        if mapping.layout_of(spec, name="", normalise=reading.normalise).required_headers <= there:
            return "", one.pk
    return "", None


@operation
def choose_layout(
    *,
    import_id: UUID,
    by: Actor,
    at: datetime,
    layout: str = "",
    mapping_id: UUID | None = None,
) -> models.Import:
    """Say how a waiting file is to be read; a job reads it.

    :raises NoLayoutChosen, NoSuchLayout, NotTheseColumns, NotFound, IllegalTransition: refused
    """
    row = locked(import_id, by=by)
    _choose(row, layout, mapping_id, by=by, at=at)
    return row


def _choose(
    row: models.Import, layout: str, mapping_id: UUID | None, *, by: Actor, at: datetime
) -> None:
    if not layout and mapping_id is None:
        raise NoLayoutChosen
    row.layout = layout
    row.mapping = queries.get_mapping(mapping_id, by=by) if mapping_id else None
    missing = staging.layout_of(row).required_headers - frozenset(row.headings)
    if missing:
        raise NotTheseColumns(columns=", ".join(sorted(missing)))
    move(row, ImportState.STAGING, verb="import.layout_chosen", by=by, at=at)
    ask_for_work(row, by=by, at=at)


@operation
def save_mapping(
    *,
    name: str,
    content: Mapping[str, Any],
    by: Actor,
    at: datetime,
    is_shared: bool = False,
    is_unconfirmed: bool = False,
) -> models.Mapping:
    """Keep a column mapping; one of the same name takes the place of the older.

    :raises MappingIncomplete: nothing says how many units of what
    :raises ToldInUnfit: what the file tells cannot be counted as the scheme does
    :raises ConstantUnfit: a value for every line that no line could have
    """
    spec = mapping.Spec.from_json(content)
    spec.check_constants()
    made = models.Mapping.objects.create(
        party_id=by.own_party,
        name=name.strip()[:120],
        is_shared=is_shared,
        is_unconfirmed=is_unconfirmed,
        content=spec.to_json(),
        made_at=at,
        made_by=by.user_id,
    )
    audit.record(
        verb="mapping.saved",
        subject=f"imports.Mapping:{made.pk}",
        by=by,
        at=at,
        data={"row": queries.facts_of(made)},
    )
    return made
