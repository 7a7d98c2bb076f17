"""Keeping a list with its filters under a name."""

from datetime import datetime
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from reporting.desk.models import SavedView
from reporting.desk.rules import check_own_address


@operation
def save_view(*, name: str, address: str, by: Actor, at: datetime) -> SavedView:
    """Keep the address of a filtered list; the same name again replaces it.

    :raises ForeignAddress: the address leads out of the desk
    """
    check_own_address(address)
    view, _ = SavedView.objects.update_or_create(
        user_id=by.user_id, name=name, defaults={"address": address, "saved_at": at}
    )
    return view


@operation
def forget_view(*, view_id: UUID, by: Actor, at: datetime) -> None:
    """:raises NotFound: not there, or somebody else's"""
    gone, _ = SavedView.objects.filter(pk=view_id, user_id=by.user_id).delete()
    if not gone:
        raise NotFound
