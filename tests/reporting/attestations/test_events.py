"""Every event that an attestation reports is proved; any checkpoint that was kept leads to it."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from finance.pledges import operations as pledging
from finance.pledges import queries as pledges
from finance.pledges.models import Pledge
from ledger.audit import queries as log
from ledger.audit.paths import ProofRefused
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from reporting.attestations import assembling, operations, queries
from reporting.attestations.models import Attestation
from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.forms import canonical
from reporting.packages.verifier.trust import Refused
from tests.factories import attestations as made_of
from tests.factories.attestations import signed_again
from tests.factories.pledges import DAY, Secured
from tests.reporting.attestations.alone import verifier

pytestmark = pytest.mark.usefixtures("log")


@pytest.fixture
def deal() -> Secured:
    return Secured(first=1)


def attested(deal: Secured, pledge: Pledge, hold: int = 0, **given: Any) -> Attestation:
    return operations.attest(
        hold_id=pledges.hold_ids_of(pledge)[hold], by=deal.bank, at=deal.at,
        idempotency_key=str(new_id()), **given,
    )  # fmt: skip


def told(row: Attestation) -> list[str]:
    check_file(row.document.encode(), policy=made_of.policy())
    events = json.loads(row.document)["proofs"]["events"]
    return [json.loads(one["body"])["verb"] for one in events]


def test_contract_and_both_registrations_are_proved(deal):
    row = attested(deal, deal.perfect(1000))
    verbs = told(row)
    assert verbs.count("pledge.registered") == 2
    assert verbs.count("pledge.moved") == 3  # approved, registered, perfected
    assert "pledge.submitted" in verbs
    said = check_file(row.document.encode(), policy=made_of.policy())
    assert any("contract and registrations" in str(one) for one in said.proved)


def test_a_partial_release_with_its_consent_is_proved(deal):
    pledge = deal.perfect(1000)
    asked = deal.ask(pledge, "PARTIAL", part_id=pledge.parts.get().pk, unit_count=300)
    assert "pledge.decided" not in told(attested(deal, pledge))
    deal.decide(asked)
    row = attested(deal, pledge)
    assert {"hold.released", "pledge.part_moved", "pledge.decided"} <= set(told(row))
    assert made_of.content(row)["statement"]["pledge"]["remaining_count"] == 700


def test_a_substitution_and_a_top_up_are_proved(deal):
    pledge = deal.perfect(1000)
    deal.decide(deal.substitute(pledge, 400))
    deal.do(pledging.add_collateral, pledge, account_id=deal.account.pk, lot_id=deal.lot,
            unit_count=50)  # fmt: skip
    for hold in range(3):
        verbs = told(attested(deal, pledge, hold))
        assert verbs.count("pledge.part_reserved") == 3
        assert "pledge.decided" in verbs


def test_what_was_registered_a_moment_ago_is_in_the_next_attestation(deal):
    pledge = deal.approve(deal.submit(1000))
    attested(deal, pledge)
    deal.register(pledge, "ZDW", expires_on=date(2028, 1, 1))
    assert told(attested(deal, pledge)).count("pledge.registered") == 1


def test_nothing_that_only_the_debtor_may_know_is_in_an_event(deal):
    pledge = deal.perfect(1000, drawn="1000")
    deal.value(pledge, DAY)
    deal.ask(pledge, "PARTIAL", part_id=pledge.parts.get().pk, unit_count=10)
    verbs = set(told(attested(deal, pledge)))
    assert verbs & {"pledge.valued", "pledge.asked", "pledge.read"} == set()


def test_many_events_are_cut_to_the_newest_and_still_hold(deal):
    pledge = deal.perfect(1000)
    part = pledge.parts.get()
    for _ in range(9):
        deal.decide(deal.ask(pledge, "PARTIAL", part_id=part.pk, unit_count=10))
    verbs = told(attested(deal, pledge))
    assert len(verbs) == assembling.MOST_EVENTS
    assert verbs.count("pledge.registered") == 2


def forged_events(row: Attestation, change: Callable[[Any], None]) -> bytes:
    document = json.loads(row.document)
    change(document)
    return signed_again(document)


def _drop_registrations(document: Any) -> None:
    kept = [one for one in document["proofs"]["events"] if "pledge.registered" not in one["body"]]
    document["proofs"]["events"] = kept


def _another_number(document: Any) -> None:
    document["statement"]["registrations"][0]["number"] = "99990001"


def _another_state(document: Any) -> None:
    document["statement"]["contract"]["state"] = "RELEASED"


def _fewer_left(document: Any) -> None:
    document["statement"]["pledge"]["remaining_count"] += 1


def _a_contract_of_others(document: Any) -> None:
    kept = [one for one in document["proofs"]["events"] if "part" not in one["body"]]
    document["proofs"]["events"] = kept


def _twice(document: Any) -> None:
    document["proofs"]["events"].append(document["proofs"]["events"][-1])


def _bent(document: Any) -> None:
    one = next(one for one in document["proofs"]["events"] if "1000" in one["body"])
    one["body"] = one["body"].replace("1000", "1001")


def _moved(document: Any) -> None:
    document["proofs"]["events"][0]["leaf_index"] -= 1


@pytest.mark.parametrize(
    "change",
    [_drop_registrations, _another_number, _another_state, _fewer_left, _a_contract_of_others,
     _twice, _bent, _moved],
)  # fmt: skip
def test_an_event_that_is_missing_bent_or_says_otherwise_is_refused(deal, change):
    row = attested(deal, deal.perfect(1000))
    with pytest.raises(Refused) as no:
        check_file(forged_events(row, change), policy=made_of.policy())
    assert no.value.item == "events"


@pytest.mark.parametrize("is_later", [False, True])
def test_the_events_of_another_pledge_do_not_pass_for_ones_own(deal, is_later):
    mine, other = deal.perfect(1000), deal.another_bank()
    theirs = json.loads(attested(other, other.perfect(500)).document)
    if is_later:
        made_of.something_happens()
    row = attested(deal, mine)

    def add(document: Any) -> None:
        document["proofs"]["events"].append(theirs["proofs"]["events"][-1])

    is_same = theirs["statement"]["checkpoint"] == kept_in(row)
    assert is_same is not is_later
    with pytest.raises(Refused) as no:
        check_file(forged_events(row, add), policy=made_of.policy())
    assert no.value.item == "events"


# --- what was kept


def kept_in(row: Attestation) -> str:
    note: str = made_of.content(row)["statement"]["checkpoint"]
    return note


def test_any_earlier_attestation_that_was_kept_leads_to_this_one():
    pledged = made_of.pledged()
    rows = []
    for minute in range(5):
        rows.append(made_of.attest(pledged, minute))
        made_of.something_happens()
    newest = made_of.attest(pledged, 9).document.encode()
    for row in rows:
        answer = check_file(newest, policy=made_of.policy(), previous=kept_in(row))
        assert any("that you kept" in str(one) for one in answer.proved)


def test_a_checkpoint_that_no_attestation_had_needs_the_way_from_it(tmp_path):
    pledged = made_of.pledged()
    first = made_of.attest(pledged)
    made_of.something_happens()
    kept = log.latest_checkpoint()
    assert kept is not None
    made_of.something_happens()
    row = made_of.attest(pledged, 5)
    raw, policy = row.document.encode(), made_of.policy()
    with pytest.raises(Refused, match=f"previous={kept.tree_size}"):
        check_file(raw, policy=policy, previous=kept.note)
    way = queries.way_to(row, previous=kept.tree_size)
    check_file(raw, policy=policy, previous=kept.note, way=way)
    files = {"a.json": row.document, "kept": kept.note, "way": json.dumps(way),
             "trust": made_of.trust()}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = verifier(tmp_path, "a.json", "--trust", "trust", "--previous", "kept", "--way", "way")
    assert (done.returncode, done.stdout.split("\n")[0]) == (0, "YES 是"), done.stderr
    bent = {**way, "path": way["path"][::-1]}
    with pytest.raises(Refused) as no:
        check_file(raw, policy=policy, previous=kept.note, way=bent)
    assert no.value.item == "previous"
    other = queries.way_to(row, previous=first.checkpoint_size)
    with pytest.raises(Refused) as no:
        check_file(raw, policy=policy, previous=kept.note, way=other)
    assert no.value.item == "previous"


def test_the_way_from_what_was_kept_can_be_asked_for_with_the_attestation():
    pledged = made_of.pledged()
    made_of.something_happens()
    kept = log.latest_checkpoint()
    assert kept is not None
    made_of.something_happens()
    row = made_of.attest(pledged, 5, previous=kept.tree_size)
    check_file(row.document.encode(), policy=made_of.policy(), previous=kept.note)
    with pytest.raises(ProofRefused):
        made_of.attest(pledged, 6, previous=10**6)
    with pytest.raises(NotFound):
        queries.way_to(row, previous=10**6)
    assert Attestation.objects.count() == 1


def test_a_rewritten_log_has_no_way_from_what_was_kept():
    pledged = made_of.pledged()
    row = made_of.attest(pledged)
    made_of.something_happens()
    newest = json.loads(made_of.attest(pledged, 5).document)
    size = str(row.checkpoint_size)
    assert list(newest["proofs"]["ways"]) == [size]
    newest["proofs"]["ways"][size].append(newest["proofs"]["ways"][size][0])
    with pytest.raises(Refused) as no:
        check_file(signed_again(newest), policy=made_of.policy(), previous=kept_in(row))
    assert no.value.item == "previous"


def test_an_attestation_of_another_version_is_refused_by_its_form():
    document = made_of.content(made_of.attest(made_of.pledged()))
    document["type"] = "tanzhang/attestation/v1"
    with pytest.raises(Refused) as no:
        check_file(canonical(document), policy=made_of.policy())
    assert no.value.item == "form"
