"""An attestation of units whose block two persons lifted says so, on paper and in its file."""

from datetime import timedelta

import pytest

from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.parameters.operations import load_seeds
from ledger.reconciliation.rules import OpenBreak
from reporting.attestations import operations
from reporting.documents.rendering.attestation import attestation_html
from reporting.packages.verifier.checking import check_file
from tests.factories import attestations as made_of
from tests.factories.holdings import pledge
from tests.factories.populated import ROOT
from tests.factories.statements import LATER, compare, line, override, shop, statement
from tests.factories.units import issued, lot

pytestmark = pytest.mark.usefixtures("log")
SOON = (LATER + timedelta(days=2)).date()
BANK = Actor(user_id=new_id(), party_id=new_id(), roles=frozenset({Role.BANK_OFFICER}))


@pytest.fixture
def place():
    """100 units here, 90 by the registry."""
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATER)
    made = shop()
    statement(made.account_id, line(90, 1, space=made.space), by=made.maker)
    compare(made.account_id)
    return made


def pledged(place, lot_id=None):
    return pledge(
        place.account_id, lot_id or place.lot_id, 20, in_favour_of=BANK.party_id, by=place.maker,
        at=LATER,
    )  # fmt: skip


def attested(hold):
    row = operations.attest(hold_id=hold.pk, by=BANK, at=LATER, idempotency_key=str(new_id()))
    check_file(row.document.encode(), policy=made_of.policy())
    return row


def test_a_pledge_that_only_an_override_let_through_is_attested_with_it(place):
    with pytest.raises(OpenBreak):
        pledged(place)
    override(place, expires_on=SOON)
    row = attested(pledged(place))
    told = made_of.content(row)["statement"]["reconciliation"]
    assert (told["status"], told["open_breaks"]) == ("DIFFERS", 1)
    assert told["overrides"] == [
        {
            "reason": "清缴在即",
            "valid_from": LATER.date().isoformat(),
            "expires_on": SOON.isoformat(),
            "entries": 1,
        }
    ]
    said = f"{LATER.date()} – {SOON}: 清缴在即"
    for language, title in (("zh-hans", "经两人批准"), ("en", "Blocks lifted by two persons")):
        html = attestation_html(row.document.encode(), language=language)
        assert title in html
        assert said in html


def test_it_still_shows_when_the_override_has_run_out_and_not_in_another_vintage(place):
    override(place, expires_on=SOON)
    held = pledged(place)
    other = lot(scheme="CCER", vintage_year=2024)
    issued(place.account_id, 50, lot_id=other)
    beside = pledged(place, other)
    later = LATER + timedelta(days=9)
    row = operations.attest(hold_id=held.pk, by=BANK, at=later, idempotency_key="later")
    assert len(made_of.content(row)["statement"]["reconciliation"]["overrides"]) == 1
    assert made_of.content(attested(beside))["statement"]["reconciliation"]["overrides"] == []
