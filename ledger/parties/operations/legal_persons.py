from datetime import datetime
from uuid import UUID

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parties import rules
from ledger.parties.models import Party


@operation
def register_party(
    *,
    kind: str,
    name_zh: str,
    by: Actor,
    at: datetime,
    name_en: str = "",
    uscc: str = "",
    region: str = "",
) -> Party:
    """Take a legal person into the books. Code and region may be left empty for parties abroad.

    :raises OddUscc: the code's check digit does not fit (GB 32100-2015)
    :raises OddRegion: not a six-digit region code
    :raises UsccTaken: another party has the code
    """
    _check(uscc=uscc, region=region, besides=None)
    party = Party.objects.create(
        kind=Party.Kind(kind), name_zh=name_zh, name_en=name_en, uscc=uscc, region=region
    )
    _record("party.registered", party, by=by, at=at)
    return party


@operation
def change_party(
    *,
    party_id: UUID,
    by: Actor,
    at: datetime,
    name_zh: str,
    name_en: str = "",
    uscc: str = "",
    region: str = "",
    reason: str = "",
) -> Party:
    """Correct names, code or region; the former ones stay in the log. The kind never changes.

    :raises NotFound: no such party
    :raises OddUscc, OddRegion, UsccTaken: as when registering
    """
    party = Party.objects.select_for_update().filter(id=party_id).first()
    if party is None:
        raise NotFound(f"party {party_id}")
    _check(uscc=uscc, region=region, besides=party_id)
    party.name_zh, party.name_en, party.uscc, party.region = name_zh, name_en, uscc, region
    party.save(update_fields=["name_zh", "name_en", "uscc", "region"])
    _record("party.changed", party, by=by, at=at, reason=reason)
    return party


def _check(*, uscc: str, region: str, besides: UUID | None) -> None:
    if uscc:
        rules.check_uscc(uscc)
        taken = Party.objects.filter(uscc=uscc).values_list("id", flat=True).first()
        if taken not in {None, besides}:
            raise rules.UsccTaken(uscc=uscc)
    if region:
        rules.check_region(region)


def party_row(party: Party) -> dict[str, str]:
    """What the log keeps of a party; `checks.py` compares the table with it."""
    fields = ("kind", "name_zh", "name_en", "uscc", "region")
    return {field: str(getattr(party, field)) for field in fields}


def _record(verb: str, party: Party, *, by: Actor, at: datetime, reason: str = "") -> None:
    data = {"row": party_row(party)}
    subject = f"parties.Party:{party.id}"
    audit.record(verb=verb, subject=subject, by=by, at=at, data=data, reason=reason)
