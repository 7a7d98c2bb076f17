"""What a scheme allows its units to be used for. Pure values; the numbers come in from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from ledger.kernel.errors import N_, DomainError


class NoSuchScheme(DomainError):
    code = "no_such_scheme"
    message = N_("There is no scheme %(scheme)s.")


class Expired(DomainError):
    """R3.14, I22: judged on the day of effect."""

    code = "expired"
    message = N_("These units could be used until %(last_day)s.")


class NotTransferable(DomainError):
    """R3.13, I21."""

    code = "not_transferable"
    message = N_("These units may not be transferred.")


class AlreadyTransferred(DomainError):
    """R3.17: a sold certificate is not sold again."""

    code = "already_transferred"
    message = N_("These units have been transferred as often as their scheme allows.")


class WrongEndUse(DomainError):
    code = "wrong_end_use"
    message = N_("Units of %(scheme)s cannot be used to %(purpose)s.")


class VintageNotUsable(DomainError):
    """R3.4, R3.6, R2.25: the rule of the scheme excludes this vintage."""

    code = "vintage_not_usable"
    message = N_("Units of %(vintage)s are not usable for this under %(scheme)s.")


class NoGenerationPeriod(DomainError):
    """Store generation start and end, not a vintage only (R3.21)."""

    code = "no_generation_period"
    message = N_("A certificate of %(scheme)s needs its month of generation.")


class Measure(StrEnum):
    """The smallest whole unit that a scheme issues."""

    T = "t"
    MWH = "MWh"
    KG = "kg"


class Family(StrEnum):
    ALLOWANCE = "ALLOWANCE"
    CREDIT = "CREDIT"
    ENERGY_CERTIFICATE = "ENERGY_CERTIFICATE"


class VintageAxis(StrEnum):
    """What the vintage year of a lot counts."""

    OBLIGATION_YEAR = "OBLIGATION_YEAR"
    REDUCTION_YEAR = "REDUCTION_YEAR"
    GENERATION_MONTH = "GENERATION_MONTH"


class Purpose(StrEnum):
    """What somebody wants to do with units."""

    TRANSFER = "TRANSFER"
    PLEDGE = "PLEDGE"
    RETIRE = "RETIRE"
    SURRENDER = "SURRENDER"
    CANCEL = "CANCEL"
    CLAIM = "CLAIM"
    CARRY_OVER = "CARRY_OVER"
    REDEEM = "REDEEM"


END_USES = frozenset(Purpose) - {Purpose.TRANSFER, Purpose.PLEDGE}
# R3.10: one MWh is not both; whose registration freezes the certificates of which schemes.
EXCLUDES: Mapping[str, tuple[str, ...]] = {"CCER": ("GEC",)}
# An expired unit can still be cancelled, and nothing else (I22).
ALLOWED_AFTER_EXPIRY = frozenset({Purpose.CANCEL})


@dataclass(frozen=True, slots=True)
class SchemeRules:
    """One scheme as data. `validity_key` and `validity_old_key` name parameters."""

    code: str
    name_zh: str
    name_en: str
    family: Family
    measure: Measure
    registry: str
    vintage_axis: VintageAxis
    end_uses: frozenset[Purpose]
    region: str = ""
    has_serials: bool = True
    serial_pattern: str = ""
    serial_prefix_is_space: bool = True
    transferable: bool = True
    max_transfers: int | None = None
    max_transfers_key: str = ""
    non_tradable_kinds: frozenset[str] = frozenset()
    validity_key: str = ""
    validity_old_key: str = ""
    validity_old_before: date | None = None
    earliest_vintage_year: int | None = None
    reversal_window_days: int | None = None
    source: str = ""
    confidence: str = ""
    digest: str = ""

    @property
    def is_energy(self) -> bool:
        return self.family is Family.ENERGY_CERTIFICATE

    @property
    def is_redeemed(self) -> bool:
        """Its claim is called a redemption, and names a country (R3.20)."""
        return Purpose.REDEEM in self.end_uses

    @property
    def has_validity(self) -> bool:
        return bool(self.validity_key)


@dataclass(frozen=True, slots=True)
class LotFacts:
    """What the rules need to know of a lot. `generated_to` is exclusive."""

    scheme: str
    vintage_year: int
    generated_from: date | None = None
    generated_to: date | None = None
    expires_on: date | None = None
    plant_id: UUID | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    transfer_count: int = 0


def months_after(month: date, count: int) -> date:
    """The first day of the month `count` months after the one given."""
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


def last_usable_day(generated_on: date, *, months: int) -> date:
    """R3.14: `months` months, the month of generation included."""
    return months_after(generated_on, months) - timedelta(days=1)


def whole_certificates(mwh: Decimal, carried: Decimal) -> tuple[int, Decimal]:
    """R3.12: whole certificates of a month, and what is carried to the next (MWh)."""
    total = mwh + carried
    count = total.to_integral_value(rounding=ROUND_FLOOR)
    return int(count), total - count


def is_tradable(scheme: SchemeRules, lot: LotFacts) -> bool:
    return scheme.transferable and lot.traits.get("kind") not in scheme.non_tradable_kinds


def check_end_use(scheme: SchemeRules, purpose: Purpose) -> None:
    """:raises WrongEndUse: the scheme knows no such end"""
    if purpose in END_USES and purpose not in scheme.end_uses:
        raise WrongEndUse(scheme=scheme.code, purpose=purpose.lower())


def check_transferable(scheme: SchemeRules, lot: LotFacts, *, max_transfers: int | None) -> None:
    """R3.13, R3.17.

    :raises NotTransferable: of a kind that is issued and never traded
    :raises AlreadyTransferred: traded as often as the scheme allows
    """
    if not is_tradable(scheme, lot):
        raise NotTransferable
    if max_transfers is not None and lot.transfer_count >= max_transfers:
        raise AlreadyTransferred


def check_vintage(scheme: SchemeRules, lot: LotFacts) -> None:
    """:raises VintageNotUsable: before the scheme's first usable vintage"""
    earliest = scheme.earliest_vintage_year
    if earliest is not None and lot.vintage_year < earliest:
        raise VintageNotUsable(vintage=lot.vintage_year, scheme=scheme.code)


def check_not_expired(last_day: date | None, *, on: date, purpose: Purpose) -> None:
    """:raises Expired: the day of effect is after the last usable one (TV-3.2)"""
    if last_day is not None and on > last_day and purpose not in ALLOWED_AFTER_EXPIRY:
        raise Expired(last_day=last_day.isoformat())
