"""An attestation says what is pledged, proves it, and is for the pledge's two parties alone."""

import json

import pytest

from ledger.audit import queries as log_queries
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.ids import new_id
from reporting.attestations import assembling, operations, queries
from reporting.attestations.models import Attestation
from reporting.attestations.rules import AlreadyRevoked, NotAnActivePledge, UnknownLanguage
from reporting.attestations.states import AttestationState
from reporting.packages.verifier.checking import check_file
from tests.factories import attestations as made_of
from tests.factories.holdings import freeze, pledge, release
from tests.factories.units import MANAGER, NOON

pytestmark = pytest.mark.usefixtures("log")


def test_an_attestation_is_proved_offline():
    pledged = made_of.pledged(300)
    row = made_of.attest(pledged)
    answer = check_file(row.document.encode(), policy=made_of.policy())
    assert answer.sha256 == row.sha256
    said = [str(one) for one in answer.proved]
    assert "300 units are pledged to you alone (ranges: 1): no other range overlaps." in said
    assert any("add up to the 1070 units that were issued there" in one for one in said)
    assert answer.statement["ranges"] == [[1, 300]]


def test_units_without_serials_are_attested_too():
    row = made_of.attest(made_of.pledged(250, serials=False))
    answer = check_file(row.document.encode(), policy=made_of.policy())
    assert answer.statement["pledge"]["controlled_count"] == 250


def test_the_second_one_supersedes_the_first_and_shows_that_nothing_was_rewritten():
    pledged = made_of.pledged()
    first = made_of.attest(pledged)
    made_of.something_happens()
    second = made_of.attest(pledged, 5)
    assert second.supersedes_id == first.pk
    kept = made_of.content(first)["statement"]["checkpoint"]
    answer = check_file(second.document.encode(), policy=made_of.policy(), previous=kept)
    assert sum("nothing rewritten" in str(one) for one in answer.proved) == 2
    assert queries.state_of(first) == AttestationState.SUPERSEDED
    assert queries.state_of(second) == AttestationState.CURRENT
    assert queries.states_of([first, second]) == {
        first.pk: AttestationState.SUPERSEDED,
        second.pk: AttestationState.CURRENT,
    }


def test_a_partial_release_is_in_the_next_attestation_at_once():
    pledged = made_of.pledged(300)
    first = made_of.attest(pledged)
    release(pledged.hold, by=pledged.bank, unit_count=100)
    assert queries.state_of(first) == AttestationState.SUPERSEDED
    second = made_of.attest(pledged, 1)
    assert second.unit_count == 200
    check_file(second.document.encode(), policy=made_of.policy())


def test_a_released_pledge_is_attested_no_more():
    pledged = made_of.pledged()
    first = made_of.attest(pledged)
    release(pledged.hold, by=pledged.bank)
    with pytest.raises(NotAnActivePledge):
        made_of.attest(pledged, 1)
    assert queries.state_of(first) == AttestationState.SUPERSEDED
    assert Attestation.objects.count() == 1


def test_only_the_creditors_officer_and_the_pledgor_get_one():
    pledged = made_of.pledged()
    other_bank = made_of.officer(new_id())
    in_another_role = Actor(new_id(), pledged.bank.party_id, frozenset({Role.CARBON_MANAGER}))
    for somebody in (other_bank, in_another_role):
        with pytest.raises(NotFound):
            made_of.attest(pledged, by=somebody)
    with pytest.raises(NotAllowed):
        made_of.attest(
            pledged, by=Actor(new_id(), pledged.bank.party_id, frozenset({Role.AUDITOR}))
        )
    assert not Attestation.objects.exists()
    row = made_of.attest(pledged, by=MANAGER)
    assert list(queries.attestations_for(pledged.bank)) == [row]
    assert not queries.attestations_for(other_bank).exists()
    with pytest.raises(NotFound):
        queries.get_attestation(row.pk, by=other_bank)


def test_a_freeze_is_no_pledge():
    pledged = made_of.pledged()
    frozen = freeze(pledged.account_id, pledged.lot_id, 10)
    with pytest.raises(NotAnActivePledge):
        made_of.attest(pledged._replace(hold=frozen), by=MANAGER)


def test_the_same_key_gives_the_same_attestation_and_one_event():
    pledged = made_of.pledged()
    first = made_of.attest(pledged, idempotency_key="once")
    assert made_of.attest(pledged, 9, idempotency_key="once").pk == first.pk
    told = log_queries.events_of(f"attestations.Attestation:{first.pk}")
    assert [event.verb for event in told] == ["attestation.issued"]


def test_many_pledges_of_a_bank_are_attested_at_once_each_by_itself():
    one = made_of.pledged()
    holds = [one.hold, *(pledge(one.account_id, one.lot_id, n, in_favour_of=one.bank.party_id)
                         for n in (10, 20, 30))]  # fmt: skip
    before = made_of.attest(one)
    ids = [hold.pk for hold in holds]
    given = {"hold_ids": ids, "by": one.bank, "at": NOON}
    operations.make_ready(**given)
    rows = operations.issue_attestations(**given, idempotency_key="all")
    assert [row.hold_id for row in rows] == ids
    assert [row.unit_count for row in rows] == [300, 10, 20, 30]
    assert [row.supersedes_id for row in rows] == [before.pk, None, None, None]
    assert len({row.checkpoint_size for row in rows}) == 1
    for row in rows:
        assert check_file(row.document.encode(), policy=made_of.policy()).sha256 == row.sha256
    assert operations.issue_attestations(**given, idempotency_key="all") == rows
    assert Attestation.objects.count() == 5
    theirs = made_of.pledged()
    with pytest.raises(NotFound):
        operations.issue_attestations(
            hold_ids=[*ids, theirs.hold.pk], by=one.bank, at=NOON, idempotency_key="more"
        )
    assert Attestation.objects.count() == 5


def test_what_finance_knows_is_stated_and_what_nobody_tells_is_said_to_be_absent(monkeypatch):
    pledged = made_of.pledged()
    said = made_of.content(made_of.attest(pledged))["statement"]
    assert said["absent"] == ["facility", "contract", "registrations", "valuation"]
    value = {"amount_cny": "21000.00", "marks": []}
    monkeypatch.setattr(
        assembling,
        "finance",
        [lambda hold_ids, on: {one: {"valuation": value} for one in hold_ids}],
    )
    row = made_of.attest(pledged, 1)
    said = made_of.content(row)["statement"]
    assert (said["valuation"], said["absent"]) == (value, ["facility", "contract", "registrations"])
    check_file(row.document.encode(), policy=made_of.policy())


def test_no_name_or_account_of_anybody_else_is_in_it():
    pledged = made_of.pledged()
    other = pledge(pledged.account_id, pledged.lot_id, 50, in_favour_of=new_id())
    document = made_of.attest(pledged).document
    assert str(other.in_favour_of) not in document
    assert str(other.pk) not in document


def test_a_revoked_attestation_says_so_and_is_revoked_once():
    pledged = made_of.pledged()
    row = made_of.attest(pledged)
    given = {"attestation_id": row.pk, "at": NOON, "reason": "wrong branch"}
    with pytest.raises(NotFound):
        operations.revoke_attestation(by=made_of.officer(new_id()), **given)
    operations.revoke_attestation(by=pledged.bank, **given)
    assert queries.state_of(row) == AttestationState.REVOKED
    assert queries.states_of([row]) == {row.pk: AttestationState.REVOKED}
    with pytest.raises(AlreadyRevoked):
        operations.revoke_attestation(by=pledged.bank, **given)


def test_taking_a_document_away_is_on_record():
    pledged = made_of.pledged()
    row = made_of.attest(pledged)
    name, content = operations.take_away(
        attestation_id=row.pk, form="json", by=pledged.bank, at=NOON
    )
    assert (name, json.loads(content)["type"]) == (f"{row.number}.json", "tanzhang/attestation/v2")
    told = log_queries.events_of(f"attestations.Attestation:{row.pk}")
    assert [event.verb for event in told] == ["attestation.issued", "attestation.downloaded"]


def test_a_print_in_an_unknown_language_is_refused():
    pledged = made_of.pledged()
    row = made_of.attest(pledged)
    with pytest.raises(UnknownLanguage):
        operations.request_print(attestation_id=row.pk, language="fr", by=pledged.bank, at=NOON)
