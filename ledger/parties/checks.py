"""Rows of this room against what the log says of them; asked by `verify_ledger`."""

from collections.abc import Iterator
from itertools import chain

from ledger.audit import queries as audit
from ledger.parties.models import ApiClient, Membership, Party, User
from ledger.parties.operations.legal_persons import party_row
from ledger.parties.operations.machines import client_row
from ledger.parties.operations.members import membership_row, user_row

PARTY_VERBS = ("party.registered", "party.changed")
MEMBERSHIP_VERBS = ("role.granted", "deputy.appointed", "role.ended")
USER_VERBS = ("user.invited", "user.set_up", "user.left")
CLIENT_VERBS = ("api_client.made", "api_client.secret_rotated", "api_client.revoked")


def check_rows() -> Iterator[audit.Fault]:
    """Parties, logins, memberships and API clients say what their newest event says."""
    parties = ((f"parties.Party:{one.id}", party_row(one)) for one in Party.objects.iterator())
    memberships = (
        (f"parties.Membership:{one.id}", membership_row(one))
        for one in Membership.objects.iterator()
    )
    clients = (
        (f"parties.ApiClient:{one.id}", client_row(one)) for one in ApiClient.objects.iterator()
    )
    users = ((f"parties.User:{one.id}", user_row(one)) for one in User.objects.iterator())
    yield from chain(
        audit.compare_rows_with_events(users, kind="user", verbs=USER_VERBS),
        audit.compare_rows_with_events(parties, kind="party", verbs=PARTY_VERBS),
        audit.compare_rows_with_events(memberships, kind="membership", verbs=MEMBERSHIP_VERBS),
        audit.compare_rows_with_events(clients, kind="api_client", verbs=CLIENT_VERBS),
    )
