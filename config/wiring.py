"""Callbacks of lower rooms, filled in by upper ones. The only place that knows both.

Approved operations are registered here too, so that `approvals` knows none of them.
"""


def connect() -> None:
    """Called once, when Django has loaded every room."""
    _the_desk()


def _the_desk() -> None:
    from ledger.audit import operations as audit
    from ledger.doors import admin
    from reporting.desk import views as desk

    admin.site.home = desk.home
    admin.site.save_view_name = "save_view"
    admin.on_export.append(audit.record_read)
