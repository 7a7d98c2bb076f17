"""A small real ledger with at least one row in every sealed table. Rooms add their lines here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.audit import keys
from ledger.audit import operations as audit
from ledger.kernel.actors import SYSTEM
from tests.factories import people

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def populate() -> None:
    """Fill the present database; seal it, and seal once more over a last event."""
    audit.make_keys(by=SYSTEM, at=NOON, is_demonstration=True)
    _people()
    _parameters()
    _factors()
    seal()
    audit.record(verb="thing.done", subject="things.Thing:1", by=SYSTEM, at=NOON)
    seal()


def seal() -> None:
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    audit.seal_events(by=SYSTEM, at=NOON, key=signer)


def _people() -> None:
    from ledger.parties import operations as parties

    party = people.make_party()
    user = people.make_user()
    people.give(user, party, "CARBON_MANAGER")
    _approval(party, user)
    parties.make_api_client(
        party_id=party.id,
        name="meter gateway",
        role="DATA_OFFICER",
        scopes=["read"],
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        by=SYSTEM,
        at=NOON,
    )


def _approval(party: Any, user: Any) -> None:
    from ledger.approvals import operations as approvals
    from ledger.approvals import queries
    from ledger.parties.queries import actor_for

    name = "things.do_thing"
    approvals.register(
        name, execute=lambda *_, **__: {}, describe=lambda _: ["A thing."], fingerprint=lambda _: {}
    )
    approvals.request_approval(
        operation=name,
        payload={"thing": "1"},
        summary=["A thing will be done."],
        party_id=party.id,
        by=actor_for(user.id, party.id, NOON.date()),
        at=NOON,
    )
    queries._approvables.pop(name)


def _parameters() -> None:
    from ledger.parameters import operations

    operations.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)


def _factors() -> None:
    """A few rows of each table: hundreds would only make the walk slower."""
    from reporting.factors import loading, operations

    place = ROOT / "seeds" / "factors"
    operations.load_factors(facts=loading.read_factors(place)[:5], by=SYSTEM, at=NOON)
    gwps = loading.read_gwps(place)[:3]
    blends = [part for part in loading.read_blends(place) if part.blend == "R-410A"]
    operations.load_gwps(gwps=gwps, blends=blends, by=SYSTEM, at=NOON)
