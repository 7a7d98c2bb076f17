"""Where a kind of source stands in an inventory, and what a park's records must satisfy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from reporting.parks.states import SourceKind, Subcategory


class EndsBeforeItStarts(DomainError):
    code = "ends_before_it_starts"
    message = N_("It must end after it starts.")


class DatesOverlap(DomainError):
    code = "dates_overlap"
    message = N_("%(name)s stands on some of these days already: end it first, or begin later.")


class AlreadyEnded(DomainError):
    code = "already_ended"
    message = N_("%(name)s has ended on %(day)s; what has ended is not dated anew.")


class NotAFirstDay(DomainError):
    code = "not_a_first_day"
    message = N_("Data is kept by the month: new terms begin on the first day of one.")


class FrozenDependsOnIt(DomainError):
    code = "frozen_depends_on_it"
    message = N_(
        "A frozen inventory reaches to %(day)s and rests on this: nothing before that day is "
        "dated anew. Restate the inventory, or begin on that day or later."
    )


class NotAnInnerPark(DomainError):
    code = "not_an_inner_park"
    message = N_(
        "%(name)s is not a park within the park: what stands in it is not told one by one."
    )


class StandsElsewhere(DomainError):
    code = "stands_elsewhere"
    message = N_("%(what)s stands in “%(where)s” on some of these days: take it out first.")


class BeforeTheBoundary(DomainError):
    code = "before_the_boundary"
    message = N_("“%(name)s” is drawn from %(day)s on: nothing stands in it before.")


class ShareOutOfRange(DomainError):
    code = "share_out_of_range"
    message = N_("A share must lie between 0 and 1, not %(share)s.")


class CodeTaken(DomainError):
    code = "code_taken"
    message = N_("The code %(code)s is already in use in this park.")


class UnknownProvince(DomainError):
    code = "unknown_province"
    message = N_("%(code)s is not the code of a province.")


class NotAMultiplier(DomainError):
    code = "not_a_multiplier"
    message = N_("A meter's multiplier must be greater than zero.")


class NotAStep(DomainError):
    code = "not_a_step"
    message = N_("A meter is read each 15 or each 60 minutes.")


class NotAPart(DomainError):
    code = "not_a_part"
    message = N_("A virtual meter is made of other, real meters, each once, added or taken off.")


class NotDirectPower(DomainError):
    code = "not_direct_power"
    message = N_("Only a source of directly supplied green power has evidence of direct supply.")


@dataclass(frozen=True, slots=True)
class Place:
    """The ISO 14064-1 category and part, and the GHG Protocol scope, of a kind of source."""

    category: int
    subcategory: Subcategory
    scope: int


PLACES: Mapping[SourceKind, Place] = {
    SourceKind.STATIONARY_FUEL: Place(1, Subcategory.STATIONARY, 1),
    SourceKind.MOBILE_FUEL: Place(1, Subcategory.MOBILE, 1),
    SourceKind.PROCESS: Place(1, Subcategory.PROCESS, 1),
    SourceKind.REFRIGERANT: Place(1, Subcategory.FUGITIVE, 1),
    SourceKind.PURCHASED_POWER: Place(2, Subcategory.IMPORTED_ELECTRICITY, 2),
    SourceKind.DIRECT_GREEN_POWER: Place(2, Subcategory.IMPORTED_ELECTRICITY, 2),
    # On-site power without bought fuel emits nothing; its certificates may (R5.10).
    SourceKind.SELF_GENERATED_POWER: Place(2, Subcategory.IMPORTED_ELECTRICITY, 2),
    SourceKind.PURCHASED_HEAT: Place(2, Subcategory.IMPORTED_HEAT, 2),
}

# The grid regions of the published factors (rulebook 4.1), by GB/T 2260 province code.
_REGION_PROVINCES: Mapping[str, str] = {
    "NORTH": "110000 120000 130000 140000 150000 370000",
    "NORTHEAST": "210000 220000 230000",
    "EAST": "310000 320000 330000 340000 350000",
    "CENTRAL": "360000 410000 420000 430000",
    "NORTHWEST": "610000 620000 630000 640000 650000",
    "SOUTH": "440000 450000 460000 520000 530000",
    "SOUTHWEST": "500000 510000 540000",
}
GRID_REGION: Mapping[str, str] = {
    province: region
    for region, provinces in _REGION_PROVINCES.items()
    for province in provinces.split()
}
# No published grid region: the nation stands in, flagged (TV-4.5).
WITHOUT_REGION = frozenset({"710000", "810000", "820000"})


def region_of(province: str) -> str:
    """The grid region of a province, or "" where none is published.

    :raises UnknownProvince: not a GB/T 2260 province code
    """
    if province in WITHOUT_REGION:
        return ""
    try:
        return GRID_REGION[province]
    except KeyError:
        raise UnknownProvince(code=province) from None


STEPS = (15, 60)


def check_step(minutes: int | None) -> None:
    """:raises NotAStep: neither a quarter of an hour nor an hour"""
    if minutes is not None and minutes not in STEPS:
        raise NotAStep


def check_dated(valid_from: date, valid_to: date | None) -> None:
    """:raises EndsBeforeItStarts: an empty or negative time"""
    if valid_to is not None and valid_to <= valid_from:
        raise EndsBeforeItStarts


def check_after_frozen(day: date, frozen_until: date | None) -> None:
    """:raises FrozenDependsOnIt: an inventory that is frozen would have been made of other facts"""
    if frozen_until is not None and day < frozen_until:
        raise FrozenDependsOnIt(day=frozen_until.isoformat())


def check_first_day(day: date) -> None:
    """:raises NotAFirstDay: in the course of a month"""
    if day.day != 1:
        raise NotAFirstDay


def check_share(share: Decimal) -> None:
    """:raises ShareOutOfRange: not a part of one"""
    if not 0 <= share <= 1:
        raise ShareOutOfRange(share=share)


def check_multiplier(multiplier: Decimal) -> None:
    """:raises NotAMultiplier: zero or less"""
    if multiplier <= 0:
        raise NotAMultiplier


def check_parts(meter_id: UUID, parts: Sequence[tuple[UUID, int]], *, virtual: set[UUID]) -> None:
    """:raises NotAPart: none, one twice, the meter itself, a virtual one, or no sign"""
    ids = [part for part, _sign in parts]
    signs = {sign for _part, sign in parts}
    bad = {meter_id, *virtual}.intersection(ids)
    if not ids or len(set(ids)) < len(ids) or bad or not signs <= {1, -1}:
        raise NotAPart


def check_same_dimension(left: Measure, right: Measure) -> None:
    """:raises MeasureMismatch: the two measure different things"""
    Quantity(Decimal(1), left).to(right)


# --- what shows that power is directly supplied (R1.31)

TOLD_EVIDENCE = ("generator", "agreement", "line", "generator_meter")


def missing_evidence(told: Mapping[str, str], *, has_user_meter: bool) -> list[str]:
    """What R1.31 asks for and is not there: generator, agreement, line or node, both meters."""
    missing = [name for name in TOLD_EVIDENCE if not told.get(name, "").strip()]
    return missing if has_user_meter else [*missing, "user_meter"]
