"""What refuses an attestation."""

from ledger.kernel.errors import N_, DomainError


class NotAnActivePledge(DomainError):
    code = "not_an_active_pledge"
    message = N_("Only a pledge in force over units of its own can be attested.")


class StateNotCommitted(DomainError):
    code = "state_not_committed"
    message = N_("The ledger has not yet committed to this pledge. Try again in a minute.")


class TooFewWitnesses(DomainError):
    code = "too_few_witnesses"
    message = N_("Too few witnesses have signed the newest checkpoint. Try again in a minute.")


class AlreadyRevoked(DomainError):
    code = "already_revoked"
    message = N_("This attestation was revoked before.")


class UnknownLanguage(DomainError):
    code = "unknown_language"
    message = N_("Attestations are printed in Chinese and English, not in %(language)s.")
