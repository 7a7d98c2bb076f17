"""What a statement speaks of, how a difference is named, and what may be done about a break."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError
from ledger.reconciliation.states import BreakKind

BEIJING = timezone(timedelta(hours=8))
# A reservation is our own affair: the registry shows such units as free.
OURS_ALONE = frozenset({"RESERVED"})
FREE = "FREE"
Space = tuple[str, str, str]


class StatementOverlaps(DomainError):
    """I3: a serial number can be in one place only."""

    code = "statement_overlaps"
    message = N_("The statement names serial numbers twice: %(found)s.")


class NotCovered(DomainError):
    code = "not_covered"
    message = N_(
        "A line is about %(scheme)s %(vintage)s, %(state)s: of this the statement does not speak."
    )


class NothingCovered(DomainError):
    code = "nothing_covered"
    message = N_("A statement must say of which schemes and states it speaks.")


class OddQuantity(DomainError):
    """I2: the last serial less the first, and one."""

    code = "odd_quantity"
    message = N_("%(count)s units and serial numbers %(first)s to %(last)s do not agree.")


class StatementOfTheFuture(DomainError):
    code = "statement_of_the_future"
    message = N_("A statement cannot be of a moment that has not come.")


class AlreadyWithdrawn(DomainError):
    code = "already_withdrawn"
    message = N_("The statement has been withdrawn already.")


class OpenBreak(DomainError):
    """An open break blocks the vintage in its account until it is closed or overridden."""

    code = "open_break"
    message = N_(
        "Books and registry differ for %(scheme)s %(vintage)s in account %(number)s: "
        "%(count)s open breaks. Close them first, or have the block lifted by two persons."
    )


class StillThere(DomainError):
    """I41: while the statement differs, the break stays open or is corrected."""

    code = "still_there"
    message = N_("The newest statement still shows the difference; it can only be corrected.")


class NotCorrectable(DomainError):
    code = "not_correctable"
    message = N_("No entry can correct this: reverse the wrong entry, then compare again.")


class CounterpartNeeded(DomainError):
    code = "counterpart_needed"
    message = N_("Say where the units come from or go to.")


class LotUnclear(DomainError):
    code = "lot_unclear"
    message = N_("Several lots, or none, could be meant: name the lot.")


class NothingToOverride(DomainError):
    code = "nothing_to_override"
    message = N_("No open break blocks this vintage in this account.")


class OverrideTooLong(DomainError):
    code = "override_too_long"
    message = N_("An override lasts at least one day and at most %(days)s.")


class NoDeadlineNear(DomainError):
    code = "no_deadline_near"
    message = N_("A block is lifted near a deadline only: within %(days)s days before it.")


class OverrideOutlastsDeadline(DomainError):
    code = "override_outlasts_deadline"
    message = N_("An override ends with its deadline: it blocks again on the day after, at latest.")


class TextMissing(DomainError):
    code = "text_missing"
    message = N_("Write something, or attach a file.")


def beijing_day(at: datetime) -> date:
    """I31: a day is a Beijing day."""
    return at.astimezone(BEIJING).date()


def beijing_midnight(day: date) -> datetime:
    """The moment in which a Beijing day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)


# --- what a statement speaks of


@dataclass(frozen=True, slots=True)
class Coverage:
    """One scheme that a statement speaks of. A cell outside is absent, which is not zero.

    `vintages` None: every one. `shown_as_free`: states that the registry does not know; it shows
    such units as free.
    """

    scheme: str
    vintages: frozenset[int] | None
    states: frozenset[str]
    shown_as_free: frozenset[str] = OURS_ALONE

    def speaks_of(self, vintage_year: int, state: str) -> bool:
        in_time = self.vintages is None or vintage_year in self.vintages
        return in_time and state in self.states

    def as_data(self) -> dict[str, Any]:
        return {
            "scheme": self.scheme,
            "vintages": None if self.vintages is None else sorted(self.vintages),
            "states": sorted(self.states),
            "shown_as_free": sorted(self.shown_as_free),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Coverage":
        vintages = data.get("vintages")
        return cls(
            scheme=data["scheme"],
            vintages=None if vintages is None else frozenset(vintages),
            states=frozenset(data["states"]),
            shown_as_free=frozenset(data.get("shown_as_free", OURS_ALONE)),
        )


@dataclass(frozen=True, slots=True)
class Spoken:
    """All that one statement speaks of."""

    parts: tuple[Coverage, ...]

    def speaks_of(self, scheme: str, vintage_year: int, state: str) -> bool:
        return any(
            one.scheme == scheme and one.speaks_of(vintage_year, state) for one in self.parts
        )

    def seen_as(self, scheme: str, state: str) -> str:
        """Our state as the registry shows it."""
        mine = [one for one in self.parts if one.scheme == scheme]
        if any(state in one.states for one in mine):
            return state
        return FREE if any(state in one.shown_as_free for one in mine) else state

    def overrules(self, other: Coverage) -> bool:
        """A newer statement of this leaves nothing for an older one to say."""
        return any(
            one.scheme == other.scheme
            and other.states <= one.states
            and (
                one.vintages is None
                or (other.vintages is not None and other.vintages <= one.vintages)
            )
            for one in self.parts
        )

    @classmethod
    def of(cls, data: Iterable[Mapping[str, Any]]) -> "Spoken":
        return cls(tuple(Coverage.of(one) for one in data))


# --- differences


@dataclass(frozen=True, slots=True)
class Cell:
    """What is compared: units of one scheme, vintage and state, of one project where told."""

    scheme: str
    vintage_year: int
    state: str
    project_code: str = ""

    def __str__(self) -> str:
        return " ".join(str(one) for one in (self.scheme, self.vintage_year, self.state) if one)


@dataclass(frozen=True, slots=True)
class Difference:
    """One run of serials, or one total, in which our books and a statement do not agree.

    `ours` or `theirs` None: not there. Counts are units of that run or total on each side.
    """

    kind: BreakKind
    ours: Cell | None
    theirs: Cell | None
    our_count: int
    their_count: int
    space: Space | None = None
    first: int | None = None
    last: int | None = None

    @property
    def cell(self) -> Cell:
        """Ours where we have one."""
        found = self.ours or self.theirs
        assert found is not None  # noqa: S101  one side is there
        return found

    @property
    def unit_count(self) -> int:
        """The size: what would have to be moved to agree."""
        if self.first is not None and self.last is not None:
            return self.last - self.first + 1
        return abs(self.our_count - self.their_count)

    def identity(self, account_id: UUID) -> bytes:
        """The same difference on the next statement is the same break, whatever its size by then.

        Serials: the same run, differing in the same way. Totals: the same cell.
        """
        sides: list[Any] = [_told(self.ours), _told(self.theirs)]
        if self.space is None:
            sides = ["total", _told(self.cell)]
        return digest(
            {
                "account": account_id,
                "sides": sides,
                "space": list(self.space) if self.space else None,
                "run": [self.first, self.last],
            }
        )


def _told(cell: Cell | None) -> list[Any] | None:
    if cell is None:
        return None
    return [cell.scheme, cell.vintage_year, cell.state, cell.project_code]


Totals = Mapping[Cell, tuple[int, int]]


def name_run(
    *, ours: Cell | None, theirs: Cell | None, run: tuple[Space, int, int], totals: Totals
) -> Difference:
    """How a run of serial numbers differs.

    A run on one side only is RANGE where the totals of its cell agree all the same: serial
    numbers were swapped, which no comparison of totals would see.
    """
    space, first, last = run
    count = last - first + 1
    return Difference(
        kind=_kind_of_run(ours, theirs, totals),
        ours=ours,
        theirs=theirs,
        our_count=count if ours else 0,
        their_count=count if theirs else 0,
        space=space,
        first=first,
        last=last,
    )


def _kind_of_run(ours: Cell | None, theirs: Cell | None, totals: Totals) -> BreakKind:
    if ours is not None and theirs is not None:
        same = (ours.scheme, ours.vintage_year, ours.project_code) == (
            theirs.scheme,
            theirs.vintage_year,
            theirs.project_code,
        )
        return BreakKind.STATE if same else BreakKind.ATTRIBUTE
    cell = ours or theirs
    here, there = totals.get(cell, (0, 0)) if cell else (0, 0)
    if here == there:
        return BreakKind.RANGE
    return BreakKind.MISSING_THERE if ours is not None else BreakKind.MISSING_HERE


def name_total(cell: Cell, *, here: int, there: int) -> Difference | None:
    """How a total differs; None when it does not."""
    if here == there:
        return None
    kind = BreakKind.QUANTITY
    if not here:
        kind = BreakKind.MISSING_HERE
    elif not there:
        kind = BreakKind.MISSING_THERE
    return Difference(
        kind=kind,
        ours=cell if here else None,
        theirs=cell if there else None,
        our_count=here,
        their_count=there,
    )


# --- what may be done


def check_line(*, quantity: int, first: int | None, last: int | None) -> None:
    """:raises OddQuantity: I2"""
    if (first is None) != (last is None):
        raise OddQuantity(count=quantity, first=first, last=last)
    if first is not None and last is not None and quantity != last - first + 1:
        raise OddQuantity(count=quantity, first=first, last=last)
    if quantity < 1:
        raise OddQuantity(count=quantity, first=first, last=last)


def check_override(*, on: date, expires_on: date, most_days: int) -> None:
    """`expires_on` is the first day without it.

    :raises OverrideTooLong: longer than the parameter allows, or over already
    """
    if not 1 <= (expires_on - on).days <= most_days:
        raise OverrideTooLong(days=most_days)


def check_deadline(*, on: date, expires_on: date, deadline_on: date, most_ahead: int) -> None:
    """:raises NoDeadlineNear: it has passed, or is further ahead than the parameter allows
    :raises OverrideOutlastsDeadline: units could still move when it has passed
    """
    if not 0 <= (deadline_on - on).days <= most_ahead:
        raise NoDeadlineNear(days=most_ahead)
    if (expires_on - deadline_on).days > 1:
        raise OverrideOutlastsDeadline


def shown_ranges(rows: Sequence[tuple[int, int]]) -> str:
    """A few ranges for a sentence."""
    return ", ".join(f"{first}–{last}" for first, last in rows[:5])
