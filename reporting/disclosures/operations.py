"""Freezing statements."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import translation

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json, digest
from ledger.kernel.periods import Period
from ledger.parties import queries as parties
from ledger.reconciliation import queries as reconciliation
from reporting.activity import queries as activity
from reporting.disclosures import queries
from reporting.disclosures.assembling import assemble, lifted_blocks, same, words
from reporting.disclosures.frameworks import Framework, get_framework
from reporting.disclosures.models import Statement
from reporting.disclosures.rules import completeness, draft_reasons
from reporting.inventories import queries as inventories
from reporting.verification import queries as verification

FORMAT = "tanzhang.statement/1"
ISO14064_1 = "ISO14064-1"
BEIJING = timezone(timedelta(hours=8))
FINDINGS = {
    "MISSTATEMENT": ("错报", "misstatement"),
    "NONCONFORMITY": ("不符合", "nonconformity"),
}
FINDING_STATES = {
    "OPEN": ("未回复", "open"),
    "ANSWERED": ("已回复", "answered"),
    "CLOSED": ("已关闭", "closed"),
}


@operation
def freeze_statement(
    *, frozen_inventory_id: UUID, by: Actor, at: datetime, framework: str = ISO14064_1
) -> Statement:
    """Freeze what a report of a frozen inventory says, in both languages at once.

    Asking again gives the same statement, until there is another opinion. Without a standing
    opinion, with unverified data, or with a required content missing it is a draft (R5.20, R5.21).

    :raises NotFound: the inventory is not there, or not the actor's
    :raises UnknownFramework, StatementDoesNotAddUp: as they say
    """
    asked = get_framework(framework)
    frozen = inventories.get_frozen(frozen_inventory_id, None if by.is_machine else by)
    opinion = verification.opinion_for(frozen_inventory_id)
    # One at a time for an inventory: two jobs in two languages share one statement.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"statement:{frozen_inventory_id}"],
        )
    key = str(opinion.id) if opinion else ""
    content = _content(asked, frozen, opinion, at)
    known = Statement.objects.filter(
        framework=framework,
        frozen_inventory_id=frozen_inventory_id,
        opinion_key=key,
        is_draft=content["is_draft"],
    ).first()
    return known or _write(content, frozen, key, by, at)


def _write(content: dict[str, Any], frozen: Any, key: str, by: Actor, at: datetime) -> Statement:
    row = Statement.objects.create(
        framework=content["framework"]["code"],
        number=content["number"],
        party_id=frozen.party_id,
        park_id=frozen.park_id,
        period_start=content["period"]["start"],
        period_end=content["period"]["end"],
        frozen_inventory_id=frozen.id,
        inventory_hash=frozen.content_hash,
        opinion_key=key,
        content=content,
        content_hash=digest(content).hex(),
        is_draft=content["is_draft"],
        is_demonstration=content["is_demonstration"],
        supersedes=queries.find_latest(
            framework=content["framework"]["code"],
            park_id=frozen.park_id,
            period_start=content["period"]["start"],
        ),
        frozen_at=at,
        frozen_by=by.user_id,
    )
    row.refresh_from_db()
    audit.record(
        verb="statement.frozen",
        subject=f"disclosures.Statement:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.row_facts(row)},
    )
    return row


def _content(asked: Framework, frozen: Any, opinion: Any, at: datetime) -> dict[str, Any]:
    """Everything a document may say; canonical values only."""
    figures = assemble(frozen.content)
    verification_part = _verification(opinion)
    content: dict[str, Any] = {
        "format": FORMAT,
        "framework": {
            "code": asked.code,
            "code_text": f"ISO 14064-1:{asked.edition}",
            "edition": asked.edition,
            "title": dict(asked.title),
            "digest": asked.digest,
        },
        "number": statement_number(asked.code, frozen, opinion),
        "is_demonstration": settings.MODE == "demo",
        "frozen_at": at,
        "frozen_at_second": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "organization": _organization(frozen.party_id, figures["notes"]),
        "methods": [{name: dict(text) for name, text in one.items()} for one in asked.methods],
        "method_changes": figures["notes"].get("method_changes") or same(""),
        "verification": verification_part,
        "inputs": {
            "frozen_inventory_id": frozen.id,
            "frozen_inventory_hash": frozen.content_hash,
            "dataset_hash": frozen.dataset_hash,
            "opinion_id": opinion.id if opinion else None,
        },
        "checkpoint": _checkpoint(),
        **figures,
        "flags": [*figures["flags"], *_lifted_blocks(frozen, figures, at)],
    }
    content["contents"] = completeness(content, asked.points)
    reasons = draft_reasons(
        is_verified=bool(opinion and opinion.is_verified),
        data_state=_data_state(frozen),
        contents=content["contents"],
    )
    content["is_draft"] = bool(reasons)
    content["draft_reasons"] = [reason.value for reason in reasons]
    return _plain(content)


def _lifted_blocks(frozen: Any, figures: Mapping[str, Any], at: datetime) -> list[dict[str, Any]]:
    """What moved in spite of a difference since the period began, of the units it counts."""
    numbers = dict(accounts.accounts_of(frozen.party_id).values_list("pk", "number"))
    start = date.fromisoformat(frozen.content["period"]["start"])
    tomorrow = (at.astimezone(BEIJING) + timedelta(days=1)).date()
    used = [*figures["instruments"], *figures["offsets"]]
    touched = reconciliation.overrides_behind(
        entry_ids=[UUID(str(one["entry_id"])) for one in used if one["entry_id"]],
        account_ids=numbers,
        period=Period(start, max(tomorrow, start + timedelta(days=1))),
    )
    return lifted_blocks(touched, numbers)


def _data_state(frozen: Any) -> str:
    """What the data is worth now: an opinion comes after the freezing and lifts it (R5.21)."""
    period = frozen.content["period"]
    years = Period(date.fromisoformat(period["start"]), date.fromisoformat(period["end"]))
    state = activity.state_of(frozen.park_id, years)
    return state.value if state else str(frozen.data_state)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Days, moments and ids as their texts: what is stored is what is hashed."""
    plain: dict[str, Any] = json.loads(canonical_json(dict(content)))
    return plain


def statement_number(framework: str, frozen: Any, opinion: Any) -> str:
    """The same inventory and opinion, the same number: no counter that a crash could skip."""
    basis = f"{framework}:{frozen.content_hash}:{opinion.id if opinion else ''}"
    year = str(frozen.content["period"]["start"])[:4]
    return f"TZ-{year}-{hashlib.sha256(basis.encode()).hexdigest()[:10].upper()}"


def _names(party_id: UUID) -> dict[str, str]:
    found = {}
    for short, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            found[short] = parties.name_of(party_id)
    return found


def _organization(party_id: UUID, notes: Mapping[str, Any]) -> dict[str, Any]:
    party = parties.get_party(party_id)
    name = _names(party_id)
    return {
        "id": party_id,
        "name": name,
        "credit_code": party.uscc,
        # a body may be responsible: without a named person it is the operator itself
        "responsible": notes.get("responsible") or name,
    }


def _checkpoint() -> dict[str, Any] | None:
    latest = log.latest_checkpoint()
    if latest is None:
        return None
    return {
        "origin": latest.note.split("\n", 1)[0],
        "size": latest.tree_size,
        "root_hash": bytes(latest.root_hash).hex(),
        "note": latest.note,
    }


def _verification(opinion: Any) -> dict[str, Any] | None:
    if opinion is None:
        return None
    return {
        "verifier": _names(opinion.verifier_id),
        "accreditation": same(opinion.accreditation) if opinion.accreditation else None,
        "criteria": same(opinion.criteria),
        "scope": same(opinion.scope),
        "level": opinion.level.value,
        "materiality": format(opinion.materiality.normalize(), "f"),
        "opinion": opinion.kind.value,
        "status": opinion.status.value,
        "given_at": opinion.given_at,
        "bound_hash": opinion.bound_hash,
        "threshold_tco2e": format(opinion.threshold_tco2e.normalize(), "f"),
        "statement": same(opinion.text),
        "findings": [
            {
                "title": words(FINDINGS[one.kind.value]),
                "state": one.state.value,
                "state_text": words(FINDING_STATES[one.state.value]),
                "misstatement_tco2e": None
                if one.effect_tco2e is None
                else format(one.effect_tco2e.normalize(), "f"),
            }
            for one in verification.findings_of(opinion.engagement_id)
        ],
    }
