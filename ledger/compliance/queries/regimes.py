"""Trading systems and their rule sets; the pure rules, with a regime's data and numbers put in."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache

from django.db.models import QuerySet

from ledger.compliance import models
from ledger.compliance.rules import obligations, standing
from ledger.compliance.rules.regimes import DueDay, NoSuchRegime, RegimeRules, read_regime
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoParameter, ParameterValue

DRAFT = "征求意见稿"


def get_regime(code: str) -> RegimeRules:
    """The rule set of a trading system.

    :raises NoSuchRegime: not loaded
    """
    digest = models.Regime.objects.filter(code=code).values_list("digest", flat=True).first()
    if digest is None:
        raise NoSuchRegime(code=code)
    return _rules(code, digest)


@cache
def _rules(code: str, digest: str) -> RegimeRules:
    """One frozen value per content: a rule set loaded anew has another digest."""
    return read_regime(models.Regime.objects.get(code=code).rules)


def digest_of(code: str) -> str:
    found = models.Regime.objects.filter(code=code).values_list("digest", flat=True).first()
    return str(found or "")


def regime_name(code: str) -> str:
    """In the reader's language; the code where nothing is called so."""
    return str(models.Regime.objects.filter(code=code).first() or code)


def answers_in_a_year(scheme: str) -> bool:
    """Whether units of a scheme are surrendered for a compliance year of some trading system."""
    loaded = map(get_regime, models.Regime.objects.values_list("code", flat=True))
    return any(scheme in {*rules.allowances, *rules.offsets} for rules in loaded)


def regimes() -> QuerySet[models.Regime]:
    return models.Regime.objects.order_by("code")


def is_draft(number: ParameterValue) -> bool:
    """Taken from a text that was published for comment only: to be shown as a draft."""
    return DRAFT in number.legal_basis


def find_number(key: str, year: int, scope: str = "") -> ParameterValue | None:
    """A rule number of an obligation year; None where the key is empty or the book has none."""
    if not key:
        return None
    try:
        return parameters.get_parameter(key, on=date(year, 12, 31), scope=scope)
    except NoParameter:
        return None


def due_on(regime: RegimeRules, year: int) -> date | None:
    """The day by which a year's units must be handed in (R2.22)."""
    number = find_number(regime.deadline_key, year)
    return number.date_rule.day_for(year) if number else None


def day_of(event: DueDay, year: int) -> tuple[date, ParameterValue] | None:
    number = find_number(event.key, year)
    return (number.date_rule.day_for(year), number) if number else None


def annual_share(regime: RegimeRules, year: int) -> Decimal | None:
    number = find_number(regime.annual_share_key, year)
    return number.number if number else None


def annual_dues(regime: RegimeRules, emissions: Mapping[int, int]) -> dict[int, int]:
    """What is due for each year whose emissions are known, period by period."""
    due: dict[int, int] = {}
    for period in sorted({regime.period_of(year) for year in emissions}):
        share = annual_share(regime, period[0])
        due |= obligations.shares_due(emissions, period=period, annual_share=share)
    return due


def history(
    regime: RegimeRules,
    state: standing.State,
    facts: Iterable[standing.Fact],
    *,
    moment: standing.Moment | None = None,
) -> list[standing.Step]:
    """Every state and standing from an entry on, by the regime's ladders."""
    return standing.history(
        state, facts, ladder=regime.ladder, closing=regime.closing_ladder, moment=moment
    )


def offset_shares(regime: RegimeRules, years: Iterable[int]) -> dict[int, ParameterValue]:
    """Per obligation year, the share that offsets may cover; years without one are left out."""
    found = {year: find_number(regime.offset_cap_key, year) for year in years}
    return {year: number for year, number in found.items() if number is not None}


def offset_cap_of(regime: RegimeRules, due: Mapping[int, int]) -> int:
    """The most that offsets may cover of what is due; a year without a share lets none (R2.24)."""
    shares = offset_shares(regime, due)
    known = {year: number.number for year, number in shares.items()}
    return obligations.offset_cap({y: t for y, t in due.items() if y in known}, known)
