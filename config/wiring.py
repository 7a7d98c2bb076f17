"""Callbacks of lower rooms, filled in by upper ones. The only place that knows both.

Approved operations are registered here too, so that `approvals` knows none of them.
"""


def connect() -> None:
    """Called once, when Django has loaded every room."""
    _the_desk()
    _checks()


def _the_desk() -> None:
    from ledger.audit import operations as audit
    from ledger.doors import admin
    from reporting.desk import views as desk

    admin.site.home = desk.home
    admin.site.save_view_name = "save_view"
    admin.on_export.append(audit.record_read)


def _checks() -> None:
    """Rows of every room against what the log says of them, for `verify_ledger`."""
    from ledger.approvals import checks as approvals
    from ledger.audit import queries as audit
    from ledger.parties import checks as parties

    audit.register_check("parties.rows_match_events", parties.check_rows)
    audit.register_check("approvals.rows_match_events", approvals.check_rows)
