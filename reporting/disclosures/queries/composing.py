"""What a statement of a frozen inventory would say now: put together, not written.

Everything is told in both languages at once, in canonical values.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation

from ledger.accounts import queries as accounts
from ledger.audit import queries as log
from ledger.kernel.canonical import canonical_json, digest
from ledger.kernel.periods import Period
from ledger.parties import queries as parties
from ledger.reconciliation import queries as reconciliation
from reporting.activity import queries as activity
from reporting.disclosures.assembling import assemble, lifted_blocks, same, words
from reporting.disclosures.assembling.comparing import compare
from reporting.disclosures.assembling.facts import gather_facts
from reporting.disclosures.frameworks import Framework, data_points, fitting, frameworks
from reporting.disclosures.queries.entries import told_entries, year_before
from reporting.disclosures.queries.ledger import ledger_facts, park_facts
from reporting.disclosures.rules import completeness, draft_reasons
from reporting.disclosures.states import ContentState
from reporting.inventories import queries as inventories
from reporting.verification import queries as verification

FORMAT = "tanzhang.statement/2"
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
# What differs between two freezings of the same: the moment, and how far the log had come.
OF_THE_MOMENT = frozenset({"frozen_at", "frozen_at_second", "checkpoint"})


def compose(asked: Framework, frozen: Any, opinion: Any, at: datetime) -> dict[str, Any]:
    """Everything a document may say; `input_hash` is over all but the moment."""
    content = _told_of(frozen, opinion)
    content |= {
        "format": FORMAT,
        "framework": {
            "code": asked.code,
            "code_text": asked.short,
            "edition": asked.edition,
            "title": dict(asked.title),
            "basis": dict(asked.basis),
            "confidence": asked.confidence,
            "digest": asked.digest,
        },
        "is_demonstration": settings.MODE == "demo",
        "methods": [{name: dict(text) for name, text in one.items()} for one in asked.methods],
        "inputs": {
            "frozen_inventory_id": frozen.id,
            "frozen_inventory_hash": frozen.content_hash,
            "dataset_hash": frozen.dataset_hash,
            "opinion_id": opinion.id if opinion else None,
        },
        "asked": [
            {
                "key": one.key,
                "obligation": one.obligation,
                "reference": one.reference,
                **({"concept": one.concept} if one.concept else {}),
            }
            for one in asked.asked
        ],
        "comparison": _comparison(frozen, content["facts"]),
        "restatements": _restatements(frozen),
    }
    content["flags"] = [*content["flags"], *_lifted_blocks(frozen, content, at)]
    content["contents"] = completeness(content, asked.contents)
    content["explained"] = _explained(content)
    reasons = draft_reasons(
        is_verified=bool(opinion and opinion.is_verified),
        data_state=_data_state(frozen),
        contents=content["contents"],
    )
    content["is_draft"] = bool(reasons)
    content["draft_reasons"] = [reason.value for reason in reasons]
    plain = _plain(content)
    plain["input_hash"] = digest(plain).hex()
    plain["number"] = statement_number(asked.code, plain)
    plain |= _plain(
        {
            "frozen_at": at,
            "frozen_at_second": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "checkpoint": _checkpoint(),
        }
    )
    return plain


def _explained(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the common chapters say where the inventory has nothing: in every framework's report."""
    common = completeness(content, next(iter(frameworks().values())).contents)
    return {one["key"]: one["explanation"] for one in common if one["state"] == "ABSENT"}


def overview(frozen: Any) -> list[tuple[Framework, dict[ContentState, int]]]:
    """Of each framework that fits the period: how many contents are in which state."""
    content = _told_of(frozen, verification.opinion_for(frozen.id))
    content["methods"] = [True]
    found = []
    for asked in fitting(period_of(frozen)):
        states = [one["state"] for one in completeness(content, asked.contents)]
        found.append((asked, {state: states.count(state) for state in ContentState}))
    return found


def statement_number(framework: str, content: Mapping[str, Any]) -> str:
    """The same inputs, the same number: no counter that a crash could skip."""
    basis = f"{framework}:{content['input_hash']}"
    year = str(content["period"]["start"])[:4]
    return f"TZ-{year}-{hashlib.sha256(basis.encode()).hexdigest()[:10].upper()}"


def period_of(frozen: Any) -> Period:
    told = frozen.content["period"]
    return Period(date.fromisoformat(told["start"]), date.fromisoformat(told["end"]))


def _told_of(frozen: Any, opinion: Any) -> dict[str, Any]:
    """One inventory with all that is told beside it, whoever asks: figures, entries, facts."""
    period, figures = period_of(frozen), assemble(frozen.content)
    entries = told_entries(frozen.park_id, period)
    spoken = {key: one["text"] for key, one in entries.items() if one["kind"] == "TEXT"}
    notes = {**figures["notes"], **spoken}
    content: dict[str, Any] = {
        **figures,
        "organization": _organization(frozen.party_id, notes),
        "notes": notes,
        "method_changes": notes.get("method_changes") or same(""),
        "verification": _verification(opinion),
        "entries": entries,
        "ledger": {
            **ledger_facts(frozen.party_id, period),
            **park_facts(frozen, period),
        },
    }
    content["facts"] = _plain(gather_facts(_plain(content), data_points().values()))
    content["facts_hash"] = digest(content["facts"]).hex()
    return content


def _comparison(frozen: Any, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """This year beside the one before, as that stands now and as it was first reported."""
    before = year_before(period_of(frozen))
    known = inventories.frozen_of(frozen.park_id, before.start, frozen.inner_park)
    same_length = [one for one in known if period_of(one) == before]
    if not same_length:
        return None
    newest, first = same_length[0], same_length[-1]
    then = _told_of(newest, verification.opinion_for(newest.id))["facts"]
    at_first = then if first is newest else _told_of(first, None)["facts"]
    return {
        "period": {"start": before.start, "end": before.end},
        "frozen_inventory_id": newest.id,
        "frozen_inventory_hash": newest.content_hash,
        "rows": compare(facts, then, at_first),
    }


def _restatements(frozen: Any) -> list[dict[str, Any]]:
    """Inventories of this and of the last year that took another's place: why, and by how much."""
    found = []
    for period in (year_before(period_of(frozen)), period_of(frozen)):
        known = {
            str(one.content["inventory"]): one
            for one in inventories.frozen_of(frozen.park_id, period.start, frozen.inner_park)
        }
        for one in known.values():
            old = known.get(str(one.content.get("replaces")))
            if old is not None and one.frozen_at <= frozen.frozen_at:
                found.append(_restated(old, one))
    return found


def _restated(old: Any, new: Any) -> dict[str, Any]:
    totals = [one.content["result"]["totals"] for one in (old, new)]
    return {
        "period": dict(new.content["period"]),
        "reason": same(new.content["choices"].get("restatement_reason")),
        "before_tco2e": totals[0]["total_location_tco2e"],
        "after_tco2e": totals[1]["total_location_tco2e"],
        "before_hash": old.content_hash,
        "after_hash": new.content_hash,
    }


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
    state = activity.state_of(frozen.park_id, period_of(frozen))
    return state.value if state else str(frozen.data_state)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Days, moments and ids as their texts: what is stored is what is hashed."""
    plain: dict[str, Any] = json.loads(canonical_json(dict(content)))
    return plain


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
