"""What a plan says: one act, one quantity, one price, one day, one why a line."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Act(StrEnum):
    RELEASE = "RELEASE"  # out of a pledge or reservation
    BUY = "BUY"
    USE = "USE"  # hand in for an obligation year
    CARRY_OVER = "CARRY_OVER"
    KEEP = "KEEP"
    LOSE = "LOSE"  # not used, and of no use after the day
    BLOCKED = "BLOCKED"  # held, but nothing can be done with them
    MISSING = "MISSING"


class Why(StrEnum):
    LOSES_USE = "LOSES_USE"  # using it gives up nothing
    CHEAPEST = "CHEAPEST"  # nothing cheaper is left
    NO_PRICE = "NO_PRICE"  # no sell price is typed: counted as giving up nothing
    ENDS_ITSELF = "ENDS_ITSELF"  # the hold ends before the deadline
    WORTH_MORE = "WORTH_MORE"  # carried over it is worth more
    SPARE = "SPARE"
    HELD = "HELD"  # in a state that nobody here can end
    REFUSED = "REFUSED"  # may not be used at all
    TOO_LATE = "TOO_LATE"  # a release would come after the deadline
    NOTHING_OFFERED = "NOTHING_OFFERED"
    USED_UP = "USED_UP"  # everything that may serve is in the plan already


@dataclass(frozen=True, slots=True)
class Line:
    """`unit_fen` × `quantity` + `fee_fen` = `amount_fen`. `full_fen`: with what use gives up."""

    act: Act
    why: Why
    quantity: int
    scheme: str = ""
    vintage: int | None = None
    origin: str = ""
    year: int | None = None
    unit_fen: int = 0
    fee_fen: int = 0
    amount_fen: int = 0
    full_fen: int = 0
    by_on: date | None = None
    next_fen: int | None = None
    next_origin: str = ""
    next_scheme: str = ""
    next_vintage: int | None = None
    account_id: str = ""
    lot_id: str = ""
    hold_id: str = ""
    label: str = ""
    obligation_id: str = ""


@dataclass(frozen=True, slots=True)
class YearOutcome:
    """An obligation year of a plan. Origins add up to `covered`; `offsets` are part of them."""

    year: int
    due_on: date
    open: int
    covered: int
    missing: int
    own: int
    released: int
    bought: int
    offsets: int
    offset_room: int
    next_tonne_fen: int | None  # None: it could not be covered
    cap_binds: bool
    cap_fen: int  # what one more tonne of cap would save
    draft: bool  # the matrix rests on a draft


@dataclass(frozen=True, slots=True)
class Plan:
    """`total_fen` = paid + given up - gained by carrying over: what the plan makes smallest."""

    lines: tuple[Line, ...]
    years: tuple[YearOutcome, ...]
    paid_fen: int
    given_up_fen: int
    gained_fen: int
    total_fen: int
    missing: int
