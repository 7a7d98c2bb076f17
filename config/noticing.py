"""What people should know: the rooms that send notices, and how their kinds are called."""

from django.utils.translation import gettext_lazy as _


def connect() -> None:
    """Called once, from `config/wiring.py`."""
    from ledger.approvals import noticing as approvals
    from ledger.approvals import operations as approving
    from ledger.audit import queries as audit
    from ledger.compliance import noticing as compliance
    from ledger.holds import noticing as holds
    from ledger.notices import operations as notices
    from ledger.notices import queries
    from ledger.reconciliation import noticing as reconciliation
    from ledger.units import noticing as units

    notices.register(
        approvals.WAITING,
        title=_("Approvals that wait"),
        collect=approvals.waiting,
        tell=approvals.tell_waiting,
    )
    notices.register(
        compliance.DUE,
        title=_("Due days of compliance"),
        collect=compliance.due,
        tell=compliance.tell_due,
    )
    notices.register(
        reconciliation.BREAKS,
        title=_("Open differences from statements"),
        collect=reconciliation.open_breaks,
        tell=reconciliation.tell_open_breaks,
    )
    notices.register(
        units.ENDING,
        title=_("Units whose validity ends"),
        collect=units.ending,
        tell=units.tell_ending,
    )
    notices.register(
        holds.ENDING, title=_("Holds that end"), collect=holds.ending, tell=holds.tell_ending
    )
    notices.register(
        holds.TRANSFERS,
        title=_("Transfers on their way"),
        collect=holds.transfers,
        tell=holds.tell_transfers,
    )
    _pledges()
    _verification()
    approving.on_change.append(lambda at: notices.collect_soon(approvals.WAITING, at=at))
    audit.register_check("notices.rows_match_events", queries.check_rows_match_events)


def _verification() -> None:
    from ledger.notices import operations as notices
    from reporting.verification import noticing as verification

    notices.register(
        verification.OPERATORS,
        title=_("Questions of verifiers"),
        collect=verification.for_operators,
        tell=verification.tell_operators,
    )
    notices.register(
        verification.VERIFIERS,
        title=_("Engagements as a verifier"),
        collect=verification.for_verifiers,
        tell=verification.tell_verifiers,
    )


def _pledges() -> None:
    from finance.pledges import noticing as pledges
    from ledger.notices import operations as notices

    notices.register(
        pledges.CALLS,
        title=_("Margin calls"),
        collect=pledges.calls,
        tell=pledges.tell_calls,
    )
    notices.register(
        pledges.ALERTS,
        title=_("Alerts of pledges"),
        collect=pledges.alerts,
        tell=pledges.tell_alerts,
    )
    notices.register(
        pledges.ASKED,
        title=_("Requests to a creditor"),
        collect=pledges.asked,
        tell=pledges.tell_asked,
    )
