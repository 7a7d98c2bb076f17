from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from ledger.approvals import checks as approval_checks
from ledger.audit.models import Event
from ledger.kernel.actors import SYSTEM, SYSTEM_USER_ID, Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.parties import checks, operations, queries, rules
from ledger.parties.models import Membership, Party, User
from tests.factories.people import NOON, PASSWORD, TODAY, give, make_actor, make_party, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def admin() -> Actor:
    return make_actor("ADMINISTRATOR", name="管理员")


def roles_of(user: User, party: Party, on: date = TODAY) -> set[str]:
    return set(queries.actor_for(user.id, party.id, on).roles)


# --- legal persons


def test_a_party_keeps_its_checked_code_and_two_cannot_share_it(admin):
    party = operations.register_party(
        kind="COMPANY",
        name_zh="甲公司",
        name_en="Alpha",
        uscc="91350100M000100Y43",
        region="330206",
        by=admin,
        at=NOON,
    )
    with pytest.raises(rules.UsccTaken):
        operations.register_party(
            kind="BANK", name_zh="乙", uscc="91350100M000100Y43", by=admin, at=NOON
        )
    assert queries.find_party_by_uscc("91350100M000100Y43") == party
    with pytest.raises(IntegrityError, match="party_code_names_one_party"), transaction.atomic():
        Party.objects.create(kind="BANK", name_zh="丙", uscc="91350100M000100Y43")


@pytest.mark.parametrize(
    "uscc",
    ["91350100M000100Y44", "91350100M000100Y4", "91350100m000100y43", "91350100I000100Y43"],
)
def test_a_wrong_code_is_refused_by_name(uscc):
    with pytest.raises(rules.OddUscc):
        rules.check_uscc(uscc)


def test_published_codes_pass():
    # The example of GB 32100-2015's annex, and three that their owners publish.
    rules.check_uscc("91350100M000100Y43")
    rules.check_uscc("12100000400000624D")
    rules.check_uscc("91330100799655058B")
    rules.check_uscc("9144030071526726XG")


def test_every_single_wrong_character_is_found():
    right = "91350100M000100Y43"
    for place in range(18):
        for letter in rules.USCC_ALPHABET:
            if letter != right[place]:
                with pytest.raises(rules.OddUscc):
                    rules.check_uscc(right[:place] + letter + right[place + 1 :])


@pytest.mark.parametrize("region", ["3302", "33020a", "030206", "３３０２０６"])
def test_a_region_has_six_digits(region):
    with pytest.raises(rules.OddRegion):
        rules.check_region(region)


def test_a_correction_leaves_both_entries_in_the_log(admin):
    party = make_party(name_zh="旧名")
    operations.change_party(party_id=party.id, name_zh="新名", by=admin, at=NOON, reason="renamed")

    verbs = Event.objects.filter(subject=f"parties.Party:{party.id}").order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == ["party.registered", "party.changed"]
    assert queries.get_party(party.id).name_zh == "新名"


# --- roles


def test_a_role_counts_from_its_first_day_until_before_its_last(admin):
    user, party = make_user(), make_party()
    operations.grant_role(
        user_id=user.id,
        party_id=party.id,
        role="CARBON_MANAGER",
        valid_from=TODAY,
        valid_to=TODAY + 10 * DAY,
        by=admin,
        at=NOON,
    )
    held = [bool(roles_of(user, party, TODAY + n * DAY)) for n in (-1, 0, 9, 10)]
    assert held == [False, True, True, False]


def test_an_actor_carries_the_roles_of_one_party_only():
    user, ours, theirs = make_user(), make_party(), make_party(kind="VERIFIER", name_zh="核查公司")
    give(user, ours, "CARBON_MANAGER")
    give(user, theirs, "VERIFIER")

    assert roles_of(user, ours) == {"CARBON_MANAGER"}
    assert roles_of(user, theirs) == {"VERIFIER"}


def test_nobody_grants_a_role_to_herself(admin):
    with pytest.raises(rules.NotForOneself):
        operations.grant_role(
            user_id=admin.user_id,
            party_id=admin.party_id,
            role="AUDITOR",
            valid_from=TODAY,
            by=admin,
            at=NOON,
        )


@pytest.mark.parametrize("role", sorted(rules.NOT_WITH_ADMINISTRATOR))
def test_an_administrator_holds_no_role_that_moves_or_signs(admin, role):
    kind = {"BANK_OFFICER": "BANK", "VERIFIER": "VERIFIER"}.get(role, "COMPANY")
    with pytest.raises(rules.RolesClash):
        operations.grant_role(
            user_id=admin.user_id,
            party_id=make_party(kind=kind, name_zh="另一").id,
            role=role,
            valid_from=TODAY,
            by=SYSTEM,
            at=NOON,
        )


def test_nor_does_her_second_login(admin):
    second = operations.invite_user(
        email="two@example.cn", name="管理员", same_person_as=admin.user_id, by=SYSTEM, at=NOON
    )
    with pytest.raises(rules.RolesClash):
        give(second, make_party(name_zh="另一"), "CARBON_MANAGER")


def test_a_bank_officer_belongs_to_a_bank(admin):
    with pytest.raises(rules.WrongKindOfParty):
        give(make_user(), make_party(), "BANK_OFFICER")
    with pytest.raises(rules.NoSuchRole):
        give(make_user(), make_party(), "SYSTEM")
    assert Membership.objects.count() == 1


def test_a_role_is_held_once_at_a_time():
    user, party = make_user(), make_party()
    give(user, party, "DATA_OFFICER")
    with pytest.raises(rules.RoleHeldAlready):
        give(user, party, "DATA_OFFICER", valid_from=TODAY)
    with pytest.raises(IntegrityError, match="role_held_once_at_a_time"), transaction.atomic():
        Membership.objects.create(user=user, party=party, role="DATA_OFFICER", valid_from=TODAY)


def test_a_revoked_role_is_over_the_same_day_and_only_once(admin):
    user, party = make_user(), make_party()
    membership = give(user, party, "DATA_OFFICER")

    operations.revoke_role(membership_id=membership.id, on=TODAY, by=admin, at=NOON, reason="x")

    assert roles_of(user, party) == set()
    assert roles_of(user, party, TODAY - DAY) == {"DATA_OFFICER"}
    with pytest.raises(rules.RoleOver):
        operations.revoke_role(membership_id=membership.id, on=TODAY, by=admin, at=NOON, reason="x")


def test_the_last_administrator_stays(admin):
    own = Membership.objects.get(user_id=admin.user_id)
    with pytest.raises(rules.LastAdministrator):
        operations.revoke_role(membership_id=own.id, on=TODAY, by=admin, at=NOON, reason="x")
    with pytest.raises(rules.LastAdministrator):
        operations.deactivate_user(user_id=admin.user_id, on=TODAY, by=SYSTEM, at=NOON, reason="x")


# --- deputies and leavers


def deputise(membership: Membership, user: User, by: Actor, days: int = 30) -> Membership:
    return operations.appoint_deputy(
        membership_id=membership.id,
        user_id=user.id,
        valid_from=TODAY,
        valid_to=TODAY + days * DAY,
        by=by,
        at=NOON,
    )


def test_a_deputy_holds_the_role_for_a_time_and_is_shown_as_such():
    holder, deputy, party = make_user(), make_user(name="李代理"), make_party()
    held = give(holder, party, "APPROVER")

    given = deputise(held, deputy, queries.actor_for(holder.id, party.id, TODAY))

    assert roles_of(deputy, party) == {"APPROVER"}
    assert roles_of(deputy, party, TODAY + 30 * DAY) == set()
    assert given.deputy_for == held


def test_only_the_holder_or_an_administrator_appoints_a_deputy(admin):
    holder, other, party = make_user(), make_user(), make_party()
    held = give(holder, party, "APPROVER")
    give(other, party, "CARBON_MANAGER")

    with pytest.raises(NotAllowed):
        deputise(held, make_user(), queries.actor_for(other.id, party.id, TODAY))
    with pytest.raises(rules.NotForOneself):
        deputise(held, queries.get_user(admin.user_id), admin)
    with pytest.raises(rules.OutsideHolding):
        deputise(held, other, admin, days=400)
    deputise(held, other, admin)
    assert roles_of(other, party) == {"CARBON_MANAGER", "APPROVER"}


def test_a_deputy_cannot_appoint_a_deputy(admin):
    holder, deputy, third, party = make_user(), make_user(), make_user(), make_party()
    given = deputise(give(holder, party, "APPROVER"), deputy, admin)
    with pytest.raises(NotFound):
        deputise(given, third, queries.actor_for(deputy.id, party.id, TODAY))


def test_the_deputy_goes_with_the_role(admin):
    holder, deputy, party = make_user(), make_user(), make_party()
    held = give(holder, party, "APPROVER")
    deputise(held, deputy, admin)

    operations.revoke_role(membership_id=held.id, on=TODAY, by=admin, at=NOON, reason="moved")

    assert roles_of(deputy, party) == set()


def test_a_leaver_is_out_everywhere_and_for_good(admin):
    user, party = make_user(), make_party()
    held = give(user, party, "CARBON_MANAGER")
    deputy = make_user()
    deputise(held, deputy, admin)

    operations.deactivate_user(user_id=user.id, on=TODAY, by=admin, at=NOON, reason="gone")

    user.refresh_from_db()
    assert (user.is_active, user.left_by) == (False, admin.user_id)
    assert not user.check_password(PASSWORD)
    assert roles_of(user, party) == roles_of(deputy, party) == set()
    with pytest.raises(rules.UserHasLeft):
        give(user, party, "DATA_OFFICER")
    with pytest.raises(rules.UserHasLeft):
        operations.deactivate_user(user_id=user.id, on=TODAY, by=admin, at=NOON, reason="x")


# --- names and the log


def test_personal_data_stays_out_of_the_log(admin):
    user = operations.invite_user(
        email="secret.person@example.cn", name="秘密姓名", by=admin, at=NOON
    )
    give(user, make_party(), "CARBON_MANAGER")
    operations.deactivate_user(user_id=user.id, on=TODAY, by=admin, at=NOON, reason="gone")

    bodies = b"".join(bytes(body) for body in Event.objects.values_list("body", flat=True))
    assert "秘密姓名".encode() not in bodies
    assert b"secret.person" not in bodies


def test_names_are_found_for_every_kind_of_id():
    party, user = make_party(name_en="Meishan"), make_user(name="陈安")
    names = queries.names_of([party.id, user.id, SYSTEM_USER_ID, str(user.id)])
    assert names[user.id] == "陈安"
    assert names[party.id] == "梅山园区"
    assert len(names) == 3


def test_what_the_log_says_is_what_the_tables_say(admin):
    party = make_party()
    held = give(make_user(), party, "DATA_OFFICER")
    deputise(held, make_user(), admin)
    client, _secret = operations.make_api_client(
        party_id=party.id,
        name="meters",
        role="DATA_OFFICER",
        scopes=["write"],
        expires_at=NOON + 90 * DAY,
        by=admin,
        at=NOON,
    )
    assert list(checks.check_rows()) == []
    assert list(approval_checks.check_rows()) == []

    Membership.objects.filter(id=held.id).update(role="APPROVER")
    Party.objects.filter(id=party.id).update(name_zh="别名")
    type(client).objects.filter(id=client.id).update(role="CARBON_MANAGER")

    found = sorted(fault.subject.split(":")[0] for fault in checks.check_rows())
    assert found == ["parties.ApiClient", "parties.Membership", "parties.Party"]


# --- machines


def make_machine(admin: Actor, **more: object):
    defaults = {
        "party_id": make_party(name_zh="机器方").id,
        "name": "meters",
        "role": "DATA_OFFICER",
        "scopes": ["read", "write"],
        "expires_at": NOON + 90 * DAY,
    }
    return operations.make_api_client(**(defaults | more), by=admin, at=NOON)


def test_a_machine_acts_for_one_party_in_one_role_until_it_expires(admin):
    client, secret = make_machine(admin)

    found = queries.find_api_login(client_id=client.id, secret=secret, at=NOON)

    assert found is not None
    assert found.actor == Actor(client.id, client.party_id, frozenset({Role.DATA_OFFICER}))
    assert found.scopes == {"read", "write"}
    late = queries.find_api_login(client_id=client.id, secret=secret, at=NOON + 90 * DAY)
    assert late is None
    assert queries.find_api_login(client_id=client.id, secret=secret + "x", at=NOON) is None


def test_a_secret_is_nowhere_in_the_database(admin):
    client, secret = make_machine(admin)
    assert secret.encode() not in bytes(client.secret_hash)
    bodies = b"".join(bytes(body) for body in Event.objects.values_list("body", flat=True))
    assert secret.encode() not in bodies


def test_after_a_rotation_both_secrets_work_for_a_day(admin):
    client, old = make_machine(admin)
    _client, new = operations.rotate_api_secret(
        client_id=client.id, expires_at=NOON + 365 * DAY, by=admin, at=NOON
    )

    def works(secret: str, at) -> bool:
        return queries.find_api_login(client_id=client.id, secret=secret, at=at) is not None

    assert works(old, NOON + DAY - timedelta(seconds=1))
    assert not works(old, NOON + DAY)
    assert works(new, NOON + 300 * DAY)

    operations.revoke_api_client(client_id=client.id, by=admin, at=NOON, reason="lost")
    assert not works(new, NOON)
    assert not works(old, NOON)
    with pytest.raises(rules.ClientRevoked):
        operations.revoke_api_client(client_id=client.id, by=admin, at=NOON, reason="lost")


@pytest.mark.parametrize("role", ["APPROVER", "ADMINISTRATOR", "VERIFIER", "SYSTEM"])
def test_a_machine_is_no_second_pair_of_eyes(admin, role):
    with pytest.raises(rules.NoRoleForMachines):
        make_machine(admin, role=role)


def test_a_machine_has_known_scopes_and_a_future(admin):
    with pytest.raises(rules.OddScope):
        make_machine(admin, scopes=["everything"])
    with pytest.raises(rules.OddPeriod):
        make_machine(admin, expires_at=NOON)
