"""An engagement in words: its history, who looked, what was found, and whose signature it is."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.audit import queries as audit
from ledger.doors.wording import in_language, moment, number_format, period
from ledger.files import queries as files
from ledger.kernel.actors import SYSTEM
from ledger.parties import queries as parties
from reporting.parks import queries as parks
from reporting.verification import models, queries
from reporting.verification.states import DraftState, OpinionStatus

STATUS = {
    OpinionStatus.VERIFIED: gettext_lazy("verified"),
    OpinionStatus.SUPERSEDED: gettext_lazy("verified (superseded)"),
    OpinionStatus.WITHDRAWN: gettext_lazy("re-opened: it no longer stands"),
    OpinionStatus.NOT_VERIFIED: gettext_lazy("not verified"),
}
LOOKS = {
    "list": gettext_lazy("list of engagements"),
    "page": gettext_lazy("page of the engagement"),
    "desk": gettext_lazy("page on the desk"),
    "export": gettext_lazy("export to a file"),
    "inventory": gettext_lazy("frozen inventory"),
    "sample": gettext_lazy("sample"),
    "item": gettext_lazy("row of a sample"),
    "request": gettext_lazy("request of a verifier"),
    "finding": gettext_lazy("finding"),
    "opinion": gettext_lazy("opinion"),
    "history": gettext_lazy("history"),
    "reply": gettext_lazy("file of an answer"),
    "evidence": gettext_lazy("file of evidence"),
    "statement": gettext_lazy("statement to sign"),
    "signature": gettext_lazy("signature"),
    "draw": gettext_lazy("how the sample was drawn"),
    "content": gettext_lazy("content of the frozen inventory"),
}
MOVES = {
    "engagement.opened": gettext_lazy("Engaged"),
    "engagement.team_named": gettext_lazy("The team was named"),
    "engagement.active": gettext_lazy("Independence declared; the work began"),
    "engagement.concluded": gettext_lazy("Concluded"),
    "engagement.reopened": gettext_lazy("Re-opened by a fact discovered later"),
    "engagement.withdrawn": gettext_lazy("Withdrawn"),
}
READ, TAKEN = "engagement.read", "engagement.file_taken"
SHOWN = 50


class Happened(NamedTuple):
    at: datetime
    what: str
    by: UUID | None


class Said(NamedTuple):
    """One turn of a talk, ready to print."""

    at: str
    who: str
    text: str
    files: list[tuple[UUID, str]]


def carrier_words() -> Callable[[str], str]:
    """What a carrier is called, power and heat too, which no factor names."""
    words, known = parks.carrier_words(), {"ELECTRICITY": _("electricity"), "HEAT": _("heat")}
    return lambda code: known.get(code) or words(code)


def tonnes(amount: Any, places: int = 2) -> str:
    return str(number_format(amount, places, force_grouping=True))


def period_of(row: models.Engagement) -> str:
    return period(row.period_start, row.period_end)


def title_of(row: models.Engagement) -> str:
    """The park in the reader's language, and the period."""
    return f"{in_language(row.park.name_zh, row.park.name_en)} {period_of(row)}"


def history_of(row: models.Engagement) -> list[Happened]:
    """What happened; the newest first. Looks and downloads are told apart (`reads_of`)."""
    found = [*_moves(row), *_work(row), *_words(row)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _moves(row: models.Engagement) -> Iterator[Happened]:
    for event in audit.events_of(f"verification.Engagement:{row.pk}").filter(verb__in=MOVES):
        yield Happened(event.happened_at, str(MOVES[event.verb]), event.actor_id)


def _work(row: models.Engagement) -> Iterator[Happened]:
    for one in row.declarations.all():
        yield Happened(one.declared_at, _("Independence declared"), one.declared_by)
    for drawn in row.samples.all():
        sizes = {"number": drawn.number, "count": drawn.size}
        said = _("Sample %(number)s drawn, %(count)s rows") % sizes
        yield Happened(drawn.drawn_at, said, drawn.drawn_by)
    for asked in row.requests.all():
        said = _("Request %(number)s asked") % {"number": asked.number}
        yield Happened(asked.asked_at, said, asked.asked_by)
        for reply in asked.replies.all():
            said = _("Request %(number)s: answer") % {"number": asked.number}
            yield Happened(reply.said_at, said, reply.said_by)
    for found in row.findings.all():
        about = {"number": str(found.number), "kind": found.get_kind_display()}
        said = _("Finding %(number)s raised: %(kind)s") % about
        yield Happened(found.raised_at, said, found.raised_by)
        if found.answered_at:
            said = _("Finding %(number)s answered") % about
            yield Happened(found.answered_at, said, found.answered_by)
        if found.closed_at:
            about["state"] = found.get_state_display()
            said = _("Finding %(number)s: %(state)s") % about
            yield Happened(found.closed_at, said, found.closed_by)


def _words(row: models.Engagement) -> Iterator[Happened]:
    for draft in row.drafts.all():
        said = _("Statement prepared: %(kind)s") % {"kind": draft.get_kind_display()}
        yield Happened(draft.prepared_at, said, draft.prepared_by)
    for one in row.opinions.all():
        said = _("Opinion given: %(kind)s") % {"kind": one.get_kind_display()}
        yield Happened(one.given_at, said, one.given_by)
    for fact in row.later_facts.all():
        yield Happened(fact.told_at, _("A fact discovered later was told"), fact.told_by)
        if fact.decided_at:
            said = _("Fact discovered later: %(state)s") % {"state": fact.get_state_display()}
            yield Happened(fact.decided_at, said, fact.decided_by)


def told(rows: list[Happened]) -> list[list[str]]:
    """Time, what, who: for a table."""
    names = parties.names_of({one.by for one in rows if one.by})
    return [[moment(one.at), one.what, names.get(one.by, "–") if one.by else "–"] for one in rows]


def reads_of(row: models.Engagement, *, most: int = SHOWN) -> list[list[Any]]:
    """When, who, and what she looked at or took; the newest first."""
    events = audit.events_of(f"verification.Engagement:{row.pk}").filter(verb__in=(READ, TAKEN))
    found = list(events.order_by("-id")[:most])
    names = parties.names_of({one.actor_id for one in found})
    return [[moment(one.happened_at), names.get(one.actor_id, "–"), _looked(one)] for one in found]


def _looked(event: Any) -> str:
    data = audit.data_of(event)
    what = LOOKS.get(str(data.get("what", "")), str(data.get("what", "")))
    return str(_("Downloaded: %(what)s") % {"what": what} if event.verb == TAKEN else what)


def looks_block(row: models.Engagement) -> dict[str, Any] | None:
    rows = reads_of(row)
    headings = [_("time"), _("who"), _("what")]
    title = _("Looked at by the verifier")
    return {"title": title, "headings": headings, "rows": rows} if rows else None


def weighed_rows(weighed: Any) -> list[list[str]]:
    """What was found against materiality: apart, together, and the threshold."""
    return [
        [_("threshold (tCO2e)"), tonnes(weighed.threshold_tco2e)],
        [_("overstated (tCO2e)"), tonnes(weighed.overstated_tco2e)],
        [_("understated (tCO2e)"), tonnes(weighed.understated_tco2e)],
        [_("together (tCO2e)"), tonnes(weighed.found_tco2e)],
        [_("verdict"), _("material") if is_heavy(weighed) else _("not material")],
    ]


def is_heavy(weighed: Any) -> bool:
    return bool(weighed.is_material and weighed.found_tco2e)


def weighed_block(row: models.Engagement) -> dict[str, Any] | None:
    """Against the newest frozen inventory."""
    found = queries.frozen_inventories(row)
    if not found:
        return None
    rows = weighed_rows(queries.weighed_against(row, found[0]))
    title = _("Uncorrected misstatements against materiality")
    return {"title": title, "headings": ["", ""], "rows": rows}


def talk_of(row: models.Request) -> list[Said]:
    """The turns of the talk about a request, oldest first."""
    replies = list(row.replies.all())
    names = parties.names_of({one.said_by for one in replies} | {one.party_id for one in replies})
    return [
        Said(
            at=moment(one.said_at),
            who=f"{names[one.said_by]} ({names[one.party_id]})",
            text=one.text,
            files=_files(one),
        )
        for one in replies
    ]


def _files(reply: models.Reply) -> list[tuple[UUID, str]]:
    found = (files.get_file(file_id=UUID(key), by=SYSTEM) for key, _sha256 in reply.files)
    return [(one.pk, one.name) for one in found]


def items_block(row: models.Sample) -> dict[str, Any]:
    headings = [
        _("no."),
        _("emission source"),
        _("month"),
        _("emission (tCO2e)"),
        _("outcome"),
        _("note"),
    ]
    rows = [
        [
            one.number, one.source_code, one.month[:7], tonnes(one.emission_tco2e),
            one.get_outcome_display(), one.note,
        ]
        for one in row.items.all()
    ]  # fmt: skip
    return {"title": _("Rows drawn"), "headings": headings, "rows": rows}


def signature_blocks(view: Any) -> Iterator[dict[str, Any]]:
    """Whose signature, and the chain of certificates above it."""
    if view.signature is None:
        return
    facts = [
        [_("issued to"), view.signature.subject],
        [_("issued by"), view.signature.issuer],
        [_("SHA-256 of the certificate"), view.signature.certificate_sha256],
        [_("SHA-256 of what was signed"), view.signature.statement_sha256],
        [_("algorithm"), view.signature.algorithm],
        [_("received at"), moment(view.signature.signed_at)],
    ]
    yield {"title": _("Digital signature"), "headings": ["", ""], "rows": facts}
    yield chain_block(view.signature.chain)


def chain_block(chain: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [
        [one["subject"], one["sha256"], one["valid_from"][:10], one["valid_to"][:10]]
        for one in chain
    ]
    if chain and not chain[-1]["is_self_signed"]:
        rows.append([chain[-1]["issuer"], _("not in the signature"), "", ""])
    headings = [_("issued to"), "SHA-256", _("valid from"), _("valid to")]
    return {"title": _("Chain of certificates"), "headings": headings, "rows": rows}


def waiting_draft(row: models.Engagement) -> models.OpinionDraft | None:
    return row.drafts.filter(state=DraftState.WAITING).first()
