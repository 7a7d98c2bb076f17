"""What waits for a second pair of eyes: every approvable act of ledger and reporting."""

from django.utils.translation import gettext_lazy as _


def connect() -> None:
    """Called once, when Django has loaded every room."""
    from config.start import operations as start
    from config.start import views
    from ledger.approvals import operations as approvals

    approvals.register(
        views.OPENING,
        execute=views.execute,
        describe=views.describe,
        fingerprint=start.fingerprint,
        title=_("Opening positions"),
    )
    _disclosures()
    _imports()
    _units()
    _holds_and_claims()
    _reconciliation()
    _compliance()
    _safeguards()


def _safeguards() -> None:
    """Trust in counterparties, thresholds, and what registered reductions cancel."""
    from ledger.accounts import approvable as accounts
    from ledger.approvals import approvable as limits
    from ledger.approvals import operations as approvals
    from ledger.holds import approvable as holds

    approvals.register(
        accounts.TRUST,
        execute=accounts.trust,
        describe=accounts.describe_trust,
        fingerprint=accounts.fingerprint_trust,
        title=_("Trust an account"),
    )
    approvals.register(
        accounts.DISTRUST,
        execute=accounts.distrust,
        describe=accounts.describe_distrust,
        fingerprint=accounts.fingerprint_distrust,
        title=_("End the trust in an account"),
    )
    approvals.register(
        limits.SET,
        execute=limits.execute,
        describe=limits.describe,
        fingerprint=limits.fingerprint,
        title=_("Change the thresholds of approval"),
    )
    approvals.register(
        holds.CANCEL_CERTIFICATES,
        execute=holds.cancel_for_reductions,
        describe=holds.describe_cancelling,
        fingerprint=holds.fingerprint_of_certificates,
        size=holds.size_of_certificates,
        title=holds.TITLES[holds.CANCEL_CERTIFICATES],
    )


def _disclosures() -> None:
    from ledger.approvals import proposing
    from reporting.disclosures import approvable as disclosures
    from reporting.packages import approvable as packages

    proposing.register_all(disclosures.ACTS)
    proposing.register_all(packages.ACTS)


def _imports() -> None:
    from ledger.approvals import operations as approvals
    from ledger.imports import approvable as imports

    approvals.register(
        imports.COMMIT,
        execute=imports.commit,
        describe=imports.describe_commit,
        fingerprint=imports.fingerprint,
        size=imports.size,
        title=imports.TITLES[imports.COMMIT],
    )
    approvals.register(
        imports.UNDO,
        execute=imports.undo,
        describe=imports.describe_undo,
        fingerprint=imports.fingerprint,
        size=imports.size,
        title=imports.TITLES[imports.UNDO],
    )


def _units() -> None:
    from ledger.approvals import operations as approvals
    from ledger.holds import approvable as holds
    from ledger.units import approvable as units
    from ledger.units import operations

    for name, operate in units.MOVES.items():
        approvals.register(
            name,
            execute=units.execute_with(operate),
            describe=units.describe_with(name),
            fingerprint=units.fingerprint,
            size=units.size,
            title=units.TITLES[name],
            fewest=units.FEWEST.get(name, 0),
        )
    # a transfer may have to wait, and where it waits is known above
    approvals.register(
        "units.transfer_units",
        execute=holds.send,
        describe=holds.describe_send,
        fingerprint=units.fingerprint,
        size=units.size,
        title=units.TITLES["units.transfer_units"],
    )
    approvals.register(
        units.REVERSE,
        execute=units.execute_with(operations.reverse_entry),
        describe=units.describe_reversal,
        fingerprint=units.fingerprint_reversal,
        size=units.size_of_reversal,
        title=units.TITLES[units.REVERSE],
    )


def _holds_and_claims() -> None:
    from ledger.approvals import operations as approvals
    from ledger.claims import approvable as claims
    from ledger.holds import approvable as holds

    approvals.register(
        holds.RELEASE,
        execute=holds.release,
        describe=holds.describe_release,
        fingerprint=holds.fingerprint,
        size=holds.size,
        title=holds.TITLES[holds.RELEASE],
    )
    approvals.register(
        holds.CAPTURE,
        execute=holds.capture,
        describe=holds.describe_capture,
        fingerprint=holds.fingerprint,
        size=holds.size,
        title=holds.TITLES[holds.CAPTURE],
    )
    approvals.register(
        claims.CLAIM,
        execute=claims.claim,
        describe=claims.describe,
        fingerprint=claims.fingerprint,
        size=claims.size,
        title=claims.TITLES[claims.CLAIM],
    )
    approvals.register(
        claims.REVERSE,
        execute=claims.reverse,
        describe=claims.describe_reversal,
        fingerprint=claims.fingerprint_reversal,
        size=claims.size_of_reversal,
        title=claims.TITLES[claims.REVERSE],
    )
    approvals.register(
        claims.REVERSE_ISSUE,
        execute=claims.reverse_issue,
        describe=claims.describe_reverse_issue,
        fingerprint=claims.fingerprint_issue,
        size=claims.size_of_issue,
        title=claims.TITLES[claims.REVERSE_ISSUE],
    )


def _reconciliation() -> None:
    from ledger.approvals import operations as approvals
    from ledger.reconciliation import approvable as reconciliation

    approvals.register(
        reconciliation.CORRECT,
        execute=reconciliation.correct,
        describe=reconciliation.describe_correction,
        fingerprint=reconciliation.fingerprint_correction,
        title=_("Correct a difference"),
    )
    approvals.register(
        reconciliation.OVERRIDE,
        execute=reconciliation.override,
        describe=reconciliation.describe_override,
        fingerprint=reconciliation.fingerprint_override,
        title=_("Let units move in spite of a difference"),
    )


def _compliance() -> None:
    from ledger.approvals import operations as approvals
    from ledger.compliance import approvable as compliance

    approvals.register(
        compliance.SURRENDER,
        execute=compliance.surrender,
        describe=compliance.describe,
        fingerprint=compliance.fingerprint,
        size=compliance.size,
        title=compliance.TITLES[compliance.SURRENDER],
        fewest=1,  # four eyes, whatever a party's thresholds leave to its maker
    )
    approvals.register(
        compliance.CARRY_OVER,
        execute=compliance.carry_over,
        describe=compliance.describe_carry_over,
        fingerprint=compliance.fingerprint_carry_over,
        size=compliance.size_of_carry_over,
        title=compliance.TITLES[compliance.CARRY_OVER],
    )
