"""Two kinds of certificate over the same MWh, at once: the meter's figure holds."""

from decimal import Decimal

from ledger.claims.models import Claim, Generation
from ledger.instruments.operations import load_schemes, register_plant
from ledger.kernel.actors import SYSTEM
from tests.factories.holdings import NOON, PARK_MANAGER
from tests.ledger.claims.test_claims import certificates, claim, clean, metered, self_use
from tests.ledger.holds.test_racing import race


def test_twenty_claims_over_three_instruments_never_exceed_the_meter(committed_db):
    load_schemes(by=SYSTEM, at=NOON)
    plant = register_plant(
        code="W-1", name_zh="风电", technology="WIND", owner_id=PARK_MANAGER.party_id,
        by=PARK_MANAGER, at=NOON,
    )  # fmt: skip
    metered(plant, 100)
    lots = [certificates(plant, 20, scheme=scheme) for scheme in ["GEC", "IREC"] * 5]
    calls = [lambda one=one: claim(*one, 10) for one in lots for _ in range(2)]
    refusals = race(*calls)

    assert Claim.objects.count() == 10
    assert len(refusals) == 10
    assert {refusal.code for refusal in refusals} == {"already_claimed"}
    assert Generation.objects.get().remaining_mwh == Decimal(0)
    assert clean()
    assert race(lambda: self_use(plant, 1))[0].code == "already_claimed"
