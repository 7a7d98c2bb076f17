"""Writes of this room: legal persons, users and roles, what people do for themselves, machines."""

from ledger.parties.operations.legal_persons import change_party, register_party
from ledger.parties.operations.machines import (
    make_api_client,
    revoke_api_client,
    rotate_api_secret,
)
from ledger.parties.operations.members import (
    appoint_deputy,
    deactivate_user,
    end_lock_out,
    grant_role,
    invite_user,
    reset_second_factor,
    revoke_role,
    set_up_user,
)
from ledger.parties.operations.oneself import (
    change_password,
    choose_language,
    end_all_sessions,
    end_session,
    enrol_second_factor,
    make_recovery_codes,
    record_lock_out,
    record_sign_in,
    remove_second_factor,
    set_password,
)
from ledger.parties.operations.tokens import give_token, issue_token, revoke_token

__all__ = [
    "appoint_deputy",
    "change_party",
    "change_password",
    "choose_language",
    "deactivate_user",
    "end_all_sessions",
    "end_lock_out",
    "end_session",
    "enrol_second_factor",
    "give_token",
    "grant_role",
    "invite_user",
    "issue_token",
    "make_api_client",
    "make_recovery_codes",
    "record_lock_out",
    "record_sign_in",
    "register_party",
    "remove_second_factor",
    "reset_second_factor",
    "revoke_api_client",
    "revoke_role",
    "revoke_token",
    "rotate_api_secret",
    "set_password",
    "set_up_user",
]
