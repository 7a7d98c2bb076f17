"""The desk's base: read-only lists with filters and export, and acts behind a page of plain words.

All use of the admin theme stays behind this package, so that the theme can be changed in one place.
"""

from ledger.doors.acts import Choices, ConfirmedAction, actor_of, dressed
from ledger.doors.admin.columns import named
from ledger.doors.admin.lists import EXPORT_LIMIT, SEES_ALL, ReadOnlyAdmin, download, on_export
from ledger.doors.admin.staff_site import TanzhangAdminSite, link_to, site, worded
from ledger.doors.wording import refusal_text

__all__ = [
    "EXPORT_LIMIT",
    "SEES_ALL",
    "Choices",
    "ConfirmedAction",
    "ReadOnlyAdmin",
    "TanzhangAdminSite",
    "actor_of",
    "download",
    "dressed",
    "link_to",
    "named",
    "on_export",
    "refusal_text",
    "site",
    "worded",
]
