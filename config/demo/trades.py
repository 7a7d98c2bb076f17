"""A year of trades in allowances: bought and sold, settled, handed over, held against a list."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.demo.people import Cast
from finance.trades import operations as trades
from finance.trades import queries
from finance.trades.operations import Deal
from finance.trades.states import Draw, Mode, Side
from ledger.accounts import queries as accounts
from ledger.imports import operations as imports
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
from ledger.parameters import queries as parameters
from ledger.units import queries as units

VENUE = "上海环境能源交易所（演示） / Shanghai exchange (demonstration)"
HEADINGS = "成交日期,成交编号,买卖方向,产品代码,成交数量,成交价格,成交金额,手续费"
AFTERNOON = time(7, 0, tzinfo=UTC)  # 15:00 in Beijing, when the market closes
REGISTRY, NUMBER = "CCRC", "DEMO-CEA-330000-0001"


def begin(facts: Mapping[str, Any], *, cast: Cast, year: int, at: datetime) -> None:
    """The policy of cost comes first: once units have left, it is fixed."""
    trades.set_policy(year=year, **facts["policy"], by=_approver(cast), at=at)


def load(facts: Mapping[str, Any], *, cast: Cast, year: int, on: date, at: datetime) -> None:
    """Record and settle each trade on its own days; hand half a year over; compare the rest."""
    by = cast.actors["CARBON_MANAGER"]
    account = accounts.find_account(registry=REGISTRY, number=NUMBER)
    assert account is not None  # noqa: S101  the holdings have opened it
    for number, one in enumerate(facts["trades"]):
        day = _trading_day(date(year, one["month"], one["day"]))
        _trade(one, account_id=account.pk, year=year, day=day, number=number, by=by)
    _today(facts, account_id=account.pk, year=year, on=on, by=by, at=at)
    months = Period(date(year, 1, 1), date(year, facts["batch"]["last_month"] + 1, 1))
    trades.make_batch(period=months, by=by, at=at, idempotency_key="demo-entries")
    _statement(facts, year=year, by=by, at=at)


def _approver(cast: Cast) -> Actor:
    return cast.actors["APPROVER"]


def _trading_day(day: date) -> date:
    while not parameters.is_trading_day(day):
        day += timedelta(days=1)
    return day


def _trading_day_before(day: date) -> date:
    while not parameters.is_trading_day(day):
        day -= timedelta(days=1)
    return day


def _moment(day: date) -> datetime:
    return datetime.combine(day, AFTERNOON)


def _deal(facts: Mapping[str, Any], **told: Any) -> Deal:
    return Deal(
        scheme="CEA",
        unit_count=facts["units"],
        unit_price=Decimal(str(facts["price"])),
        fee=Decimal(str(facts["fee"])),
        reference=facts["reference"],
        counterparty=facts.get("counterparty", ""),
        venue="" if "counterparty" in facts else VENUE,
        previous_close=Decimal(str(facts["close"])) if "close" in facts else None,
        **told,
    )


def _trade(
    facts: Mapping[str, Any], *, account_id: UUID, year: int, day: date, number: int, by: Actor
) -> None:
    """Recorded on its day, settled on the next trading day; in parts a week apart."""
    side, settles_on = Side(facts["side"]), parameters.next_trading_day(day)
    deal = _deal(
        facts,
        side=side,
        mode=Mode(facts["mode"]),
        vintage_year=year,
        traded_on=day,
        settles_on=settles_on,
        account_id=account_id,
        lot_id=_bought_lot(year) if side is Side.SELL else None,
        draw=Draw.PAID if side is Side.SELL else Draw.POLICY,
    )
    key = f"demo-trade-{number}"
    trade = trades.record_trade(deal=deal, by=by, at=_moment(day), idempotency_key=key)
    for part, count in enumerate(facts.get("parts", [facts["units"]])):
        trades.settle_trade(
            trade_id=trade.pk,
            settled_on=settles_on,
            unit_count=count,
            by=by,
            at=_moment(settles_on),
            idempotency_key=f"{key}-{part}",
        )
        settles_on = _trading_day(settles_on + timedelta(days=7))


def _bought_lot(year: int) -> UUID:
    lot = units.find_lot(f"CEA-{year}")
    assert lot is not None  # noqa: S101  a purchase comes first
    return lot.id


def _today(
    facts: Mapping[str, Any], *, account_id: UUID, year: int, on: date, by: Actor, at: datetime
) -> None:
    """Units allocated free are sold; a purchase is agreed and waits for its settlement."""
    told: dict[str, Any] = {"settles_on": on, "account_id": account_id}
    free = units.find_lot("DEMO-CEA-Y1")
    assert free is not None  # noqa: S101  the holdings have issued it
    sale = _deal(
        facts["free_sale"], side=Side.SELL, mode=Mode.OTC, vintage_year=year - 1,
        lot_id=free.id, draw=Draw.FREE, traded_on=on, **told,
    )  # fmt: skip
    sold = trades.record_trade(deal=sale, by=by, at=at, idempotency_key="demo-free")
    trades.settle_trade(
        trade_id=sold.pk, settled_on=on, by=by, at=at, idempotency_key="demo-free-1"
    )
    purchase = _deal(
        facts["open_purchase"], side=Side.BUY, mode=Mode.LISTED, vintage_year=year,
        traded_on=_trading_day_before(on), **told,
    )  # fmt: skip
    trades.record_trade(deal=purchase, by=by, at=at, idempotency_key="demo-open")


def _statement(facts: Mapping[str, Any], *, year: int, by: Actor, at: datetime) -> None:
    """The broker's list comes in as a file, as a manager would take it in."""
    asked = facts["statement"]
    since = date(year, asked["after_month"] + 1, 1)
    found = queries.trades_seen_by(by).filter(traded_on__gte=since, traded_on__year=year)
    fees = {one["reference"]: Decimal(str(one["fee"])) for one in asked["lines"]}
    lines = [
        f"{row.traded_on},{row.reference},{row.side},CEA{year},{row.unit_count},"
        f"{row.unit_price},{row.gross_amount},{fees.get(row.reference, row.fee_amount)}"
        for row in found.order_by("traded_on")
    ]
    for one in asked["unknown"]:
        day = _trading_day(date(year, one["month"], one["day"]))
        price = Decimal(str(one["price"]))
        lines.append(f"{day},{one['reference']},{one['side']},CEA{year},{one['units']},{price},,")
    made = imports.upload_file(
        content=io.BytesIO("\n".join([HEADINGS, *lines, ""]).encode()),
        name=asked["file"],
        target="deals",
        as_of=date(year, 12, 31),
        by=by,
        at=at,
    )
    imports.run_stage(import_id=made.import_id, progress=_still, at=at)
    imports.commit_import(import_id=made.import_id, by=by, at=at)
    imports.run_commit(import_id=made.import_id, progress=_still, at=at)


def _still(done: int, total: int, note: str = "") -> None:
    """Nobody watches."""
