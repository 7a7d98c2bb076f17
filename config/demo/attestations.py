"""What secures the loan is attested to the bank, proved and signed, with its prints on the way."""

from datetime import datetime
from uuid import UUID

from config.demo.people import Cast
from finance.pledges import queries as pledges
from reporting.attestations import operations as attestations


def load(pledge_id: UUID, *, cast: Cast, at: datetime) -> None:
    """Outside of the transaction that loads the rest: only what is committed can be proved."""
    officer = cast.actors["BANK_OFFICER"]
    for hold_id in pledges.hold_ids_of(pledges.get_pledge(pledge_id)):
        made = attestations.attest(
            hold_id=hold_id, by=officer, at=at, idempotency_key=f"demo-{hold_id}"
        )
        for language in ("zh-hans", "en"):
            attestations.request_print(attestation_id=made.pk, language=language, by=officer, at=at)
