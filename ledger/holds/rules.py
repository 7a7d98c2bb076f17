"""What may be done to units that are set aside, and how given-back units are shared out."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone

from ledger.kernel.errors import N_, DomainError

BEIJING = timezone(timedelta(hours=8))
Run = tuple[int, int]


class NotYoursToRelease(DomainError):
    """I12: only the pledgee, or a court's act, gives a pledge back."""

    code = "not_yours_to_release"
    message = N_("Only the party in whose favour the units are held may do this.")


class OrderNeeded(DomainError):
    """I11, I13: a freeze is placed, lifted or enforced by an order with a number."""

    code = "order_needed"
    message = N_("This needs the number of the order or document.")


class ConsentNeeded(DomainError):
    """I10: a second pledge stands behind the first only with its creditor's recorded consent."""

    code = "consent_needed"
    message = N_("A further pledge needs the recorded consent of the first creditor.")


class FreezeInForce(DomainError):
    """I13: an order prevails over the acts of owner and pledgee."""

    code = "freeze_in_force"
    message = N_("A freeze by order stands on these units.")


class PledgeOutlivesUnits(DomainError):
    """I22."""

    code = "pledge_outlives_units"
    message = N_("The pledge must end by %(last_day)s, when the units expire.")


class CreditorNeeded(DomainError):
    code = "creditor_needed"
    message = N_("A pledge is placed in favour of a creditor.")


class NothingToQueueBehind(DomainError):
    code = "nothing_to_queue_behind"
    message = N_("%(wanted)s wanted, the holds before it have %(held)s.")


class MoreThanHeld(DomainError):
    code = "more_than_held"
    message = N_("%(wanted)s wanted, this hold has %(held)s.")


class NotACaptureTarget(DomainError):
    code = "not_a_capture_target"
    message = N_("Held units cannot be captured into %(state)s.")


class NotDueYet(DomainError):
    code = "not_due_yet"
    message = N_("The hold is in force until %(day)s.")


class EndsInThePast(DomainError):
    code = "ends_in_the_past"
    message = N_("A hold cannot end on %(day)s, before it begins.")


class NotOnlyOrders(DomainError):
    code = "not_only_orders"
    message = N_(
        "Only units under one order, with nothing but orders in line behind it, are carried over "
        "frozen. Choose the first order of the line."
    )


class KeptByAnother(DomainError):
    """A reservation of a transfer on its way, or a freeze by rule: its own act ends it."""

    code = "kept_by_another"
    message = N_("This hold belongs to another act and ends with it.")


class OrderTooLong(DomainError):
    code = "order_too_long"
    message = N_("An order keeps units for %(limit)s months at most; it can be renewed.")


class OrderNotBegun(DomainError):
    code = "order_not_begun"
    message = N_("The order begins on %(start)s, which is still to come.")


class NotRenewable(DomainError):
    """What has ended is not renewed: a new order stands in line anew."""

    code = "not_renewable"
    message = N_("Only a freeze by order that is still in force can be renewed.")


class RenewalNotLater(DomainError):
    code = "renewal_not_later"
    message = N_("A renewal must end after %(end)s.")


class TransferNotDue(DomainError):
    code = "transfer_not_due"
    message = N_("The transfer goes out on %(day)s.")


def beijing_day(at: datetime) -> date:
    """I31: a day is a Beijing day."""
    return at.astimezone(BEIJING).date()


def check_end(kind: str, *, expires_on: date | None, units_end_on: date | None, on: date) -> None:
    """`expires_on` and `units_end_on` are the first days on which it is over.

    :raises EndsInThePast: it would be over already
    :raises PledgeOutlivesUnits: I22
    """
    if expires_on is not None and expires_on <= on:
        raise EndsInThePast(day=expires_on.isoformat())
    if kind != "PLEDGE" or units_end_on is None:
        return
    if expires_on is None or expires_on > units_end_on:
        raise PledgeOutlivesUnits(last_day=units_end_on.isoformat())


def check_parties(kind: str, *, has_creditor: bool, order_number: str) -> None:
    """:raises CreditorNeeded: a pledge without a pledgee
    :raises OrderNeeded: a freeze without its order
    """
    if kind == "PLEDGE" and not has_creditor:
        raise CreditorNeeded
    if kind == "FREEZE" and not order_number.strip():
        raise OrderNeeded


def months_after(day: date, count: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    years, index = divmod(day.month - 1 + count, 12)
    year, month = day.year + years, index + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def check_order(
    *, number: str, body: str, begins_on: date, expires_on: date, on: date, most_months: int
) -> None:
    """I13: an order has its number, its body, its begin and its end.

    :raises OrderNeeded: number or body is missing
    :raises OrderNotBegun: it begins after today
    :raises EndsInThePast: it is over already
    :raises OrderTooLong: beyond what the law lets one order keep
    """
    if not (number.strip() and body.strip()):
        raise OrderNeeded
    if begins_on > on:
        raise OrderNotBegun(start=begins_on.isoformat())
    if expires_on <= on:
        raise EndsInThePast(day=expires_on.isoformat())
    if expires_on > months_after(begins_on, most_months):
        raise OrderTooLong(limit=most_months)


def check_count(wanted: int, *, held: int) -> None:
    """:raises MoreThanHeld: fewer are held, or none was asked for"""
    if not 1 <= wanted <= held:
        raise MoreThanHeld(wanted=wanted, held=held)


def share_in_rank_order(count: int, needs: Sequence[int]) -> tuple[list[int], int]:
    """Given-back units go to the waiting holds by rank; what is left goes free."""
    shares = list[int]()
    for need in needs:
        share = min(count, need)
        shares.append(share)
        count -= share
    return shares, count


def split_runs(runs: Sequence[Run], counts: Sequence[int]) -> list[list[Run]]:
    """Cut serial runs into parts of these counts, in order; all of them are used up."""
    rest, parts = [list(run) for run in runs], list[list[Run]]()
    for count in counts:
        part, missing = list[Run](), count
        while missing:
            first, last = rest[0]
            cut = min(last, first + missing - 1)
            part.append((first, cut))
            missing -= cut - first + 1
            rest[0][0] = cut + 1
            if cut == last:
                rest.pop(0)
        parts.append(part)
    return parts
