"""A trade is recorded: held against its market's rules, worked out, its units set aside."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from finance.trades import models
from finance.trades.operations.writing import digest_of, find_done, record
from finance.trades.queries import flows, limits, trades
from finance.trades.queries.marks import close_before, rate_on
from finance.trades.queries.resale import Fresh, fresh_units
from finance.trades.rules import amounts, bands, refusals
from finance.trades.rules.book import picks_left, split
from finance.trades.rules.days import beijing_day, check_days
from finance.trades.rules.lots import Way, count_of
from finance.trades.states import BandVerdict, Draw, Mode, Side, VatKind
from ledger.accounts import queries as accounts
from ledger.accounts.queries import AccountType
from ledger.doors.operation import operation
from ledger.holds import operations as holds
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from ledger.kernel.keys import key_of
from ledger.kernel.money import Money
from ledger.units import queries as units

OWN = frozenset(
    {AccountType.HOLDING, AccountType.TRADING, AccountType.PROJECT, AccountType.GENERATOR}
)
RATE = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Deal:
    """A trade as it was agreed.

    None: the rate of VAT of its day; the exchange rate and the previous close that were told to
    the prices room.
    """

    side: Side
    mode: Mode
    scheme: str
    vintage_year: int
    unit_count: int
    unit_price: Decimal
    traded_on: date
    settles_on: date
    account_id: UUID
    lot_id: UUID | None = None
    counterparty: str = ""
    counter_account_number: str = ""
    venue: str = ""
    reference: str = ""
    currency: str = "CNY"
    rate_cny: Decimal | None = None
    fee: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    vat_kind: VatKind = VatKind.NONE
    vat_rate: Decimal | None = None
    is_vat_deductible: bool = False
    draw: Draw = Draw.POLICY
    picks: tuple[tuple[str, int], ...] = ()
    previous_close: Decimal | None = None
    note: str = ""

    @property
    def price(self) -> Money:
        return Money(self.unit_price, self.currency)


@dataclass(frozen=True, slots=True)
class Worked:
    """A deal worked out: what it costs or brings, and its day's limits."""

    amounts: amounts.Amounts
    vat_rate: Decimal
    rate_cny: Decimal
    booked_cny: Decimal
    close: Decimal | None
    band: limits.BandFound


def work_out(deal: Deal, *, today: date) -> Worked:
    """What a deal comes to, if its market takes it; nothing is written.

    :raises TradeInTheFuture, SettlesBeforeTrade, NotATradingDay: of its days
    :raises NotAPrice, NegativeAmount, NotACurrency, RateNeeded: of its money
    :raises TooLargeForListing, TooSmallForBlock, OutsideBand: of its market (rule book 2.7)
    """
    check_days(traded_on=deal.traded_on, settles_on=deal.settles_on, today=today)
    if deal.mode in limits.ON_EXCHANGE and not limits.is_trading_day(deal.traded_on):
        raise refusals.NotATradingDay(day=deal.traded_on.isoformat())
    amounts.check_price(deal.price, tick=limits.tick_of(deal.scheme, deal.traded_on))
    rate_cny = _rate(deal)
    vat_rate = _vat_rate(deal)
    close, band = _band(deal)
    found = amounts.amounts_of(_terms(deal, vat_rate))
    return Worked(
        amounts=found,
        vat_rate=vat_rate,
        rate_cny=rate_cny,
        booked_cny=Money(found.booked * rate_cny).rounded().amount,
        close=close,
        band=band,
    )


def _rate(deal: Deal) -> Decimal:
    if deal.currency == "CNY":
        return Decimal(1)
    rate = deal.rate_cny or rate_on(deal.currency, deal.traded_on)
    if rate is None or rate <= 0:
        raise refusals.RateNeeded(currency=deal.currency)
    return rate.quantize(RATE, rounding=ROUND_HALF_UP)


def _vat_rate(deal: Deal) -> Decimal:
    if deal.vat_kind is VatKind.NONE:
        return Decimal(0)
    return limits.vat_rate_on(deal.traded_on) if deal.vat_rate is None else deal.vat_rate


def _terms(deal: Deal, vat_rate: Decimal) -> amounts.Terms:
    return amounts.Terms(
        side=deal.side,
        unit_count=deal.unit_count,
        unit_price=deal.price,
        fee=deal.fee,
        tax=deal.tax,
        vat_kind=deal.vat_kind,
        vat_rate=vat_rate,
        is_vat_deductible=deal.is_vat_deductible and deal.side is Side.BUY,
    )


def _close(deal: Deal) -> tuple[Decimal | None, bool, str]:
    """The previous close as told, else as the prices room has it: price, is it stale, from whom."""
    if deal.previous_close is not None:
        return deal.previous_close, False, ""
    found = close_before(deal.scheme, deal.vintage_year, deal.traded_on)
    return (None, False, "") if found is None else (found.price_cny, found.is_stale, found.source)


def _band(deal: Deal) -> tuple[Decimal | None, limits.BandFound]:
    """:raises TooLargeForListing, TooSmallForBlock, OutsideBand: the market takes no such order"""
    market = limits.market_rules(deal.scheme, deal.mode, deal.traded_on)
    if market is None:
        return None, limits.BandFound(BandVerdict.NO_LIMIT, None, {})
    bands.check_size(deal.mode, deal.unit_count, listed_below=market.limits.listed_below)
    close, is_stale, source = _close(deal)
    found = limits.band_by(market, close=close, is_stale=is_stale, source=source)
    if found.verdict == BandVerdict.WITHIN and found.band is not None:
        bands.check_band(deal.unit_price, found.band)
    return close, found


def _check_place(deal: Deal, by: Actor) -> None:
    """:raises NotFound, AccountNotOpen: of one's own account
    :raises NotAHoldingAccount, LotNeeded, WrongLot: of what is traded
    """
    account = accounts.get_open_account(deal.account_id, by=by)
    if account.type not in OWN:
        raise refusals.NotAHoldingAccount
    instruments.get_scheme(deal.scheme)
    if deal.lot_id is None:
        if deal.side is Side.SELL:
            raise refusals.LotNeeded
        return
    lot = units.get_lot(deal.lot_id)
    if (lot.scheme, lot.vintage_year) != (deal.scheme, deal.vintage_year):
        wanted = f"{deal.scheme} {deal.vintage_year}"
        raise refusals.WrongLot(found=f"{lot.scheme} {lot.vintage_year}", wanted=wanted)


def _check_lots(deal: Deal, by: Actor) -> None:
    """The cost lots that a sale names are there, as the book stands now.

    :raises PicksNeeded: the policy is specific identification, and none are named
    :raises NotEnoughOfThese: fewer than named
    """
    if deal.side is not Side.SELL:
        return
    book = flows.book_of(by.own_party)
    pool = (deal.scheme, deal.vintage_year)
    free, paid = book.free.get(pool, ()), book.paid.get(pool, ())
    policy = book.policy_of(deal.traded_on.year)
    if policy.way is Way.SPECIFIC:
        named = picks_left([*free, *paid], deal.picks)
        picked = sum(count for _key, count in named)
        if not deal.picks:
            raise refusals.PicksNeeded(year=deal.traded_on.year)
        if picked != deal.unit_count:
            raise refusals.NotEnoughOfThese(wanted=deal.unit_count, held=picked)
        return
    held = {Draw.FREE: count_of(free), Draw.PAID: count_of(paid)}.get(deal.draw)
    if held is not None and held < deal.unit_count:
        raise refusals.NotEnoughOfThese(wanted=deal.unit_count, held=held)
    split(
        deal.unit_count,
        free=count_of(free),
        paid=count_of(paid),
        draw=deal.draw,
        order=policy.order,
    )


def find_too_fresh(deal: Deal) -> Fresh | None:
    """What a sale would need of units that its market does not let be sold yet; None: nothing."""
    if deal.side is not Side.SELL or deal.lot_id is None:
        return None
    found = fresh_units(
        scheme=deal.scheme,
        mode=deal.mode,
        account_id=deal.account_id,
        lot_id=deal.lot_id,
        on=deal.traded_on,
    )
    return found if found is not None and found.may_be_sold < deal.unit_count else None


def _check_resale(deal: Deal) -> Fresh | None:
    """A rule that nobody has verified is told with the trade, and refuses nothing.

    :raises SoldTooEarly: R2.34
    """
    found = find_too_fresh(deal)
    if found is not None and not found.is_unverified:
        raise refusals.SoldTooEarly(
            free=found.free_count, fresh=found.fresh_count, wanted=deal.unit_count
        )
    return found


@operation(retry=True)
def record_trade(
    *,
    deal: Deal,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Trade:
    """Keep what was agreed. Units sold are set aside until they are delivered or given up.

    :raises DomainError: as `work_out`; or of the account, the lot, the cost lots
    :raises NotEnoughUnits: fewer units are free than were sold
    :raises SoldTooEarly: units that were bought too lately (R2.34)
    :raises KeyUsedOtherwise: I40
    """
    request = digest_of({"deal": _plain(deal)})
    key = key_of(by, idempotency_key)
    if done := find_done(models.Trade, key=key, request=request):
        return done
    today = beijing_day(at)
    worked = work_out(deal, today=today)
    _check_place(deal, by)
    _check_lots(deal, by)
    fresh = _check_resale(deal)
    row = _row(deal, worked, by=by, at=at)
    if fresh is not None:
        row.band = {**row.band, "fresh": str(fresh.fresh_count)}
    row.approval_id, row.idempotency_key, row.request_digest = approval_id, key, request
    if deal.side is Side.SELL:
        row.hold_id = _set_aside(row, by=by, at=at)
    row.save(force_insert=True)
    row.refresh_from_db()
    record("trade.recorded", row, by=by, at=at)
    return row


def _plain(deal: Deal) -> dict[str, Any]:
    told = {name: getattr(deal, name) for name in Deal.__slots__}
    return {**told, "picks": [list(pick) for pick in deal.picks]}


def _row(deal: Deal, worked: Worked, *, by: Actor, at: datetime) -> models.Trade:
    same = (
        "side", "mode", "scheme", "vintage_year", "unit_count", "unit_price", "traded_on",
        "settles_on", "account_id", "lot_id", "counterparty", "counter_account_number", "venue",
        "reference", "currency", "vat_kind", "draw", "note",
    )  # fmt: skip
    found = worked.amounts
    return models.Trade(
        pk=new_id(),
        party_id=by.own_party,
        **{name: getattr(deal, name) for name in same},
        picks=[list(pick) for pick in deal.picks],
        rate_cny=worked.rate_cny,
        vat_rate=worked.vat_rate,
        is_vat_deductible=deal.is_vat_deductible and deal.side is Side.BUY,
        gross_amount=found.gross,
        vat_amount=found.vat,
        fee_amount=found.fee,
        tax_amount=found.tax,
        cash_amount=found.cash,
        booked_cny=worked.booked_cny,
        previous_close=worked.close,
        band_verdict=worked.band.verdict,
        band=worked.band.kept,
        recorded_at=at,
        recorded_by=by.user_id,
        moved_at=at,
        moved_by=by.user_id,
    )


def _set_aside(row: models.Trade, *, by: Actor, at: datetime) -> UUID:
    """The units sold are reserved since the day of the trade: delivery versus payment."""
    assert row.lot_id is not None  # noqa: S101  checked with the place
    hold = holds.place_hold(
        kind="RESERVE",
        account_id=row.account_id,
        lot_id=row.lot_id,
        unit_count=row.unit_count,
        purpose=row.reference,
        kept_by=trades.subject_of(row),
        happened_on=row.traded_on,
        by=by,
        at=at,
        idempotency_key=f"trade:{row.pk}",
    )
    return hold.pk
