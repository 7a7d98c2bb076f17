"""The values of a posting, and the checks that need no database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from ledger.kernel.errors import N_, DomainError
from ledger.units.states import HELD, TRANSITIONS, UnitState

BEIJING = timezone(timedelta(hours=8))
LARGEST_COUNT = 2**63 - 1


class NotEnoughUnits(DomainError):
    """R3.5-2, I9: what is not there cannot move."""

    code = "not_enough_units"
    message = N_("%(wanted)s wanted, %(free)s free.")


class RangeNotHeld(DomainError):
    code = "range_not_held"
    message = N_("Serials %(first)s to %(last)s are not all held there.")


class SerialsOverlap(DomainError):
    """R3.5-1, I3: a serial number exists once, for ever."""

    code = "serials_overlap"
    message = N_("Some of these serial numbers exist already.")


class TerminalState(DomainError):
    """R3.5-3, I18: used up is used up; only a linked reversal leads back."""

    code = "terminal_state"
    message = N_("From %(old)s there is no move to %(new)s.")


class NotReversible(DomainError):
    code = "not_reversible"
    message = N_("This entry cannot be reversed.")


class AlreadyReversed(DomainError):
    """I18: at most once."""

    code = "already_reversed"
    message = N_("This entry has been reversed already.")


class ReversalWindowClosed(DomainError):
    code = "reversal_window_closed"
    message = N_("The scheme allows a reversal within %(days)s days.")


class IdempotencyConflict(DomainError):
    """I40: same key, other body."""

    code = "idempotency_conflict"
    message = N_("This key was used before, for another request.")


class MalformedLeg(DomainError):
    """Units are whole and positive, and a serial range counts what it says (I1, I2)."""

    code = "malformed_leg"
    message = N_("Units, serials and places of a movement do not fit together.")


class TransferLimit(DomainError):
    """R3.3: a green certificate is transferred once."""

    code = "transfer_limit"
    message = N_("These units have been transferred as often as their scheme allows.")


class SurrenderedInItsYear(DomainError):
    """Not here: cap, vintage and what is owed are known where the year is (R2.24, R2.25)."""

    code = "surrendered_in_its_year"
    message = N_("Units of %(scheme)s are surrendered on the page of their compliance year.")


class NoSuchLot(DomainError):
    code = "no_such_lot"
    message = N_("There is no such lot.")


class LotExists(DomainError):
    code = "lot_exists"
    message = N_("A lot of this code exists already.")


class FutureDay(DomainError):
    code = "future_day"
    message = N_("%(day)s lies in the future.")


class NotExpiredYet(DomainError):
    code = "not_expired_yet"
    message = N_("These units are still valid.")


class NotCarriedOver(DomainError):
    """R2.29: older allowances become newer ones of the same scheme, tonne for tonne."""

    code = "not_carried_over"
    message = N_("Units are carried over to a later vintage of the same scheme.")


class BooksMovedOn(DomainError):
    code = "books_moved_on"
    message = N_("The books have moved on since the file was checked; look at its problems again.")


@dataclass(frozen=True, slots=True)
class Leg:
    """Units of one lot leave one place for another. A place is (account, state).

    `hold_id` is the hold concerned: the one that has the units where they come from a held state,
    else the one that gets them. `to_hold_id` where both sides are held by different holds.
    """

    lot_id: UUID
    from_account_id: UUID
    from_state: UnitState
    to_account_id: UUID
    to_state: UnitState
    unit_count: int
    first_serial: int | None = None
    last_serial: int | None = None
    hold_id: UUID | None = None
    to_hold_id: UUID | None = None
    max_transfers: int | None = None

    def check(self) -> None:
        """:raises MalformedLeg: zero, fractions, or a range of another size"""
        count = self.unit_count
        if type(count) is not int or not 0 < count <= LARGEST_COUNT:
            raise MalformedLeg(f"unit_count {count!r}")
        if (self.first_serial is None) is not (self.last_serial is None):
            raise MalformedLeg("one end of a range")
        first, last = self.first_serial, self.last_serial
        if first is None or last is None:
            return
        if first < 0 or last - first + 1 != count:
            raise MalformedLeg(f"{first}–{last} is not {count}")

    def as_data(self) -> dict[str, Any]:
        """The canonical form that the event and the engine share."""
        data: dict[str, Any] = {
            "lot": str(self.lot_id),
            "from": [str(self.from_account_id), self.from_state],
            "to": [str(self.to_account_id), self.to_state],
            "units": self.unit_count,
        }
        if self.first_serial is not None:
            data["first"], data["last"] = self.first_serial, self.last_serial
        if self.hold_id is not None and self.from_state in HELD:
            data["hold"] = str(self.hold_id)
        if self.to_state in HELD and (hold := self.to_hold_id or self.hold_id):
            data["to_hold"] = str(hold)
        if self.max_transfers is not None:
            data["max_transfers"] = self.max_transfers
        return data

    def mirrored(self) -> "Leg":
        """The leg that undoes this one."""
        held_both = self.from_state in HELD and self.to_state in HELD
        return replace(
            self,
            from_account_id=self.to_account_id,
            from_state=self.to_state,
            to_account_id=self.from_account_id,
            to_state=self.from_state,
            hold_id=(self.to_hold_id or self.hold_id) if held_both else self.hold_id,
            to_hold_id=self.hold_id if held_both else None,
            max_transfers=None,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """The entry that stands, and whether it stood before this call."""

    entry_id: UUID
    replayed: bool


def check_legs(legs: Sequence[Leg], *, reversal: bool) -> None:
    """:raises MalformedLeg: no legs, or a leg that does not fit together
    :raises TerminalState: a state that only a reversal leaves
    """
    if not legs:
        raise MalformedLeg("no legs")
    for leg in legs:
        leg.check()
        if reversal:
            continue
        if leg.to_state not in TRANSITIONS.get(leg.from_state, frozenset()):
            raise TerminalState(old=str(leg.from_state), new=str(leg.to_state))


def beijing_day(at: datetime) -> date:
    """I31: a day is a Beijing day."""
    return at.astimezone(BEIJING).date()


def check_not_future(day: date, at: datetime) -> None:
    """I31: a day is a Beijing day.

    :raises FutureDay: the day has not begun yet
    """
    if day > beijing_day(at):
        raise FutureDay(day=day.isoformat())


def check_expired(last_day: date | None, day: date) -> None:
    """:raises NotExpiredYet: still usable that day, or for ever"""
    if last_day is None or day <= last_day:
        raise NotExpiredYet


def check_carry_over(old: tuple[str, int], new: tuple[str, int]) -> None:
    """(scheme, vintage year) of what ends and of what is issued for it.

    :raises NotCarriedOver: another scheme, or no later vintage
    """
    if old[0] != new[0] or old[1] >= new[1]:
        raise NotCarriedOver


def check_within_window(happened_on: date, day: date, window_days: int | None) -> None:
    """I18: a reversal comes within the scheme's window; None: the scheme names none.

    :raises ReversalWindowClosed: too late
    """
    if window_days is not None and (day - happened_on).days > window_days:
        raise ReversalWindowClosed(days=window_days)


def parse_ranges(text: str) -> list[tuple[int, int]]:
    """`1-100, 201-250`, both ends included; `7` is a range of one.

    :raises ValueError: not of that form, or backwards
    """
    found = []
    for part in filter(None, (piece.strip() for piece in text.replace("，", ",").split(","))):
        first, _, last = part.replace("–", "-").partition("-")
        low, high = int(first), int(last or first)
        if not 0 <= low <= high:
            raise ValueError(part)
        found.append((low, high))
    return found
