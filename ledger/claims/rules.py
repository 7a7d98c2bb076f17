"""One unit, one claim; one MWh, one claim, whatever instrument carries it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.periods import Period

BEIJING = timezone(timedelta(hours=8))
SELF_USE, PPA = "SELF_USE", "PPA"
WITHOUT_CERTIFICATE = frozenset({SELF_USE, PPA})
MWH_STEP = Decimal("0.000001")


class AlreadyClaimed(DomainError):
    """R3.11, I20: the MWh claimed over all instruments stay within the MWh metered."""

    code = "already_claimed"
    message = N_("Of %(month)s, %(wanted)s MWh are wanted and %(left)s MWh are not yet claimed.")


class UnitsAlreadyClaimed(DomainError):
    """R3.5-4, I19."""

    code = "units_already_claimed"
    message = N_("Some of these serial numbers are claimed already.")


class CertificatesIssued(DomainError):
    """R5.10: power whose certificates are with others is not one's own green power."""

    code = "certificates_issued"
    message = N_("Certificates for %(mwh)s MWh of %(month)s are issued and not claimed.")


class NoGeneration(DomainError):
    """I14: what is missing never counts as passed."""

    code = "no_generation"
    message = N_("No metered generation of this plant is recorded for %(month)s.")


class GenerationDiffers(DomainError):
    code = "generation_differs"
    message = N_("For %(month)s, %(mwh)s MWh are recorded already.")


class GenerationAfterPeriod(DomainError):
    """R3.21, R3.5-5: power is not claimed for a time before it was generated."""

    code = "generation_after_period"
    message = N_("The power was generated after the period of the claim.")


class NotWholeMonths(DomainError):
    code = "not_whole_months"
    message = N_("Generation is recorded and claimed by whole months.")


class NotPositive(DomainError):
    code = "not_positive"
    message = N_("The quantity must be above zero, with at most six decimals.")


class CertificateIsNoOffset(DomainError):
    """R3.23: an energy certificate changes market-based Scope 2 and nothing else."""

    code = "certificate_is_no_offset"
    message = N_("An energy certificate cannot offset tonnes of emissions.")


class CreditIsNoEnergy(DomainError):
    """R5.1: credits never change a scope total."""

    code = "credit_is_no_energy"
    message = N_("A carbon credit cannot be claimed for Scope 2.")


class EnergyOfCreditUnknown(DomainError):
    """R3.11: a credit of a power plant stands for MWh as well."""

    code = "energy_of_credit_unknown"
    message = N_("The lot does not say how many MWh stand behind one unit.")


class NotACertificate(DomainError):
    code = "not_a_certificate"
    message = N_("Only energy certificates are issued from metered power.")


class InAnotherSystem(DomainError):
    """R3.22: one plant and month is in one system."""

    code = "in_another_system"
    message = N_("Certificates of another system are issued for %(month)s of this plant.")


class EarlierMonthFirst(DomainError):
    """R3.12: the remainder goes from month to month."""

    code = "earlier_month_first"
    message = N_("%(month)s is metered and not issued yet; months are issued in their order.")


class LaterMonthIssued(DomainError):
    code = "later_month_issued"
    message = N_("%(month)s is issued already; months are issued in their order.")


class BasisTooLarge(DomainError):
    code = "basis_too_large"
    message = N_("%(wanted)s MWh are wanted, the month has %(left)s MWh left.")


class IssuedOtherwise(DomainError):
    code = "issued_otherwise"
    message = N_("%(month)s is issued already, of another quantity.")


class CertificatesMovedOn(DomainError):
    """I18: an issue goes back whole, and only while all of it is where it was issued."""

    code = "certificates_moved_on"
    message = N_(
        "Of %(wanted)s certificates issued, %(free)s are still free in the account they were "
        "issued to; an issue is taken back whole."
    )


class CountryNeeded(DomainError):
    """R3.20."""

    code = "country_needed"
    message = N_("A redemption names the country of use by its two letters.")


class Answer(StrEnum):
    YES = "YES"
    NO = "NO"
    NOT_CHECKED = "NOT_CHECKED"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the eight answers are drawn from."""

    is_certificate: bool
    has_generation_slice: bool
    generation: Period | None
    period: Period
    is_same_market: bool | None


def beijing_day(at: datetime) -> date:
    """I31: a day is a Beijing day."""
    return at.astimezone(BEIJING).date()


def check_use(use: str, *, is_energy: bool) -> None:
    """:raises CertificateIsNoOffset: R3.23
    :raises CreditIsNoEnergy: R5.1
    """
    if is_energy and use == "OFFSET":
        raise CertificateIsNoOffset
    if not is_energy and use == "SCOPE_2":
        raise CreditIsNoEnergy


def check_generation_period(generation: Period | None, period: Period) -> None:
    """:raises GenerationAfterPeriod: generated when the period was over"""
    if generation is not None and generation.start >= period.end:
        raise GenerationAfterPeriod


def check_mwh(mwh: Decimal) -> None:
    """:raises NotPositive: zero, negative or finer than the meter's grid"""
    if not mwh.is_finite() or mwh <= 0 or mwh != mwh.quantize(MWH_STEP):
        raise NotPositive


def check_months(period: Period) -> None:
    """:raises NotWholeMonths: it begins or ends within a month"""
    if not period.is_whole_months():
        raise NotWholeMonths


def check_order_of_months(*, earlier_open: date | None, later_issued: date | None) -> None:
    """:raises EarlierMonthFirst: an earlier metered month is still to be issued
    :raises LaterMonthIssued: a later one is issued already
    """
    if later_issued is not None:
        raise LaterMonthIssued(month=f"{later_issued:%Y-%m}")
    if earlier_open is not None:
        raise EarlierMonthFirst(month=f"{earlier_open:%Y-%m}")


def check_basis(basis: Decimal, *, left: Decimal) -> None:
    """:raises NotPositive: below zero, or finer than the meter's grid
    :raises BasisTooLarge: more than is left of the month
    """
    if basis < 0 or basis != basis.quantize(MWH_STEP):
        raise NotPositive
    if basis > left:
        raise BasisTooLarge(wanted=plain(basis), left=plain(left))


def check_all_there(free: int, *, issued: int) -> None:
    """:raises CertificatesMovedOn: fewer are free than were issued"""
    if free < issued:
        raise CertificatesMovedOn(wanted=issued, free=free)


def check_country(country: str) -> None:
    """:raises CountryNeeded: not two capital letters"""
    if len(country) != 2 or not (country.isascii() and country.isupper()):
        raise CountryNeeded


def energy_behind(unit_count: int, mwh_per_unit: str | None) -> Decimal:
    """MWh behind credits of a power plant, rounded up so that none is claimed twice.

    :raises EnergyOfCreditUnknown: the lot does not say
    """
    if not mwh_per_unit:
        raise EnergyOfCreditUnknown
    return (unit_count * Decimal(mwh_per_unit)).quantize(MWH_STEP, ROUND_CEILING)


def share_over_months(
    mwh: Decimal, left_by_month: Sequence[tuple[date, Decimal]]
) -> list[tuple[date, Decimal]]:
    """Take MWh from the months of generation, earliest first.

    :raises AlreadyClaimed: less is left than wanted
    """
    taken, missing = list[tuple[date, Decimal]](), mwh
    for month, left in left_by_month:
        part = min(missing, left)
        if part > 0:
            taken.append((month, part))
            missing -= part
    if missing > 0:
        months = [month for month, _left in left_by_month]
        name = f"{months[0]:%Y-%m}" if len(months) == 1 else f"{months[0]:%Y-%m}–{months[-1]:%Y-%m}"
        left = sum((left for _month, left in left_by_month), Decimal(0))
        raise AlreadyClaimed(month=name, wanted=plain(mwh), left=plain(left))
    return taken


def plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def quality_answers(grounds: Grounds, given: Mapping[int, str] | None = None) -> dict[str, str]:
    """The eight Scope 2 Quality Criteria (R5.8), by number.

    What the ledger can see it answers; the rest is NOT_CHECKED until somebody with evidence says
    otherwise in `given`. Somebody may also say NO where the ledger would say YES, never the
    other way round for 2 and 4, which the ledger judges itself.
    """
    known = {
        1: Answer.YES,  # a generation attribute of one plant, not an average
        2: Answer.YES if grounds.has_generation_slice else Answer.NOT_CHECKED,
        3: Answer.YES,  # retired, or bound to the claimant, by this very entry
        4: _vintage_answer(grounds),
        5: {True: Answer.YES, False: Answer.NO, None: Answer.NOT_CHECKED}[grounds.is_same_market],
        6: Answer.YES,  # of supplier-specific factors only: this is none
        7: Answer.YES
        if grounds.is_certificate or grounds.has_generation_slice
        else Answer.NOT_CHECKED,
        8: Answer.NOT_CHECKED,
    }
    for number, said in (given or {}).items():
        answer = Answer(said)
        if answer is Answer.NO or number not in {2, 4}:
            known[number] = answer
    return {str(number): str(answer) for number, answer in sorted(known.items())}


def _vintage_answer(grounds: Grounds) -> Answer:
    """Criterion 4: generated in the period is near; more than a year before it is not."""
    made, period = grounds.generation, grounds.period
    if made is None:
        return Answer.NOT_CHECKED
    if period.start <= made.start and made.end <= period.end:
        return Answer.YES
    days_before = (period.start - made.end).days
    return Answer.NO if days_before > 365 else Answer.NOT_CHECKED
