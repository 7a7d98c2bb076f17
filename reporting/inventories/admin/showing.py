"""What the lists and pages share: figures for the eye."""

from decimal import Decimal

from ledger.doors.wording import number_format


def shown(tonnes: Decimal | None) -> str:
    """For the eye only: two places; the exact number stands on the object's page."""
    return "–" if tonnes is None else number_format(tonnes, 2)
