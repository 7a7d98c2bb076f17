"""UK ETS Registry: account statement, transactions, unit blocks (R0029), yearly overview."""

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.layouts.serials import Serial
from ledger.imports.records import Act, DateOrder, Record, Row
from ledger.kernel.errors import N_
from ledger.kernel.serials import InvalidSerialRange

INCOMING, OUTGOING = "unit quantity incoming (+)", "unit quantity outgoing (-)"
# By the words of a transaction's type; the first that occurs. All else is a transfer.
ACTS = (
    ("reverse", Act.TRANSFERRED),
    ("return", Act.TRANSFERRED),
    ("surrender", Act.SURRENDERED),
    ("allocat", Act.ALLOCATED),
    ("delet", Act.CANCELLED),
    ("issu", Act.ISSUED),
)
SCHEMES = {"allowance": "UKA", "uka": "UKA", "cer": "CDM_CER", "eru": "ERU"}


def act_of(kind: str) -> Act:
    words = kind.replace("_", " ").lower()
    return next((act for word, act in ACTS if word in words), Act.TRANSFERRED)


def scheme_of(cells: Cells, column: str = "unit type") -> str:
    text = cells.required(column)
    scheme = SCHEMES.get(text.lower().removesuffix("s"), "")
    if text and not scheme:
        message = N_("%(text)s is not a type of unit that is known here.")
        cells.fault(column, "unknown_unit_type", message, text=text)
    return scheme


def read_statement(row: Row) -> list[Record]:
    """A line of one account: what came in or went out, never both."""
    cells = Cells(row)
    incoming = cells.whole_or_none(INCOMING) or 0
    outgoing = cells.whole_or_none(OUTGOING) or 0
    if bool(incoming) == bool(outgoing):
        cells.fault(INCOMING, "one_side", N_("Either the incoming or the outgoing cell is filled."))
    scheme = scheme_of(cells)
    transaction = cells.identifier("transaction id", required=True)
    happened_on = cells.day("transaction completion date", required=True)
    kind = cells.required("transaction type")
    giver = cells.account("transferring account id")
    taker = cells.account("acquiring account id")
    balance = cells.whole_or_none("running balance")
    cells.check()
    side = "IN" if incoming else "OUT"
    return [
        Record(
            act=act_of(kind),
            scheme=scheme,
            quantity=incoming or outgoing,
            project_code=cells.identifier("project id"),
            happened_on=happened_on,
            account=giver,
            counter_account=taker,
            reason=kind,
            natural_key=f"UK:{transaction}:{scheme}:{cells.identifier('project id')}:{side}",
            extra=some(
                transaction=transaction,
                side=side,
                account_name=cells.text("account name"),
                account_holder=cells.text("account holder"),
                running_balance="" if balance is None else str(balance),
            ),
        )
    ]


def read_transaction(row: Row) -> list[Record]:
    """Only completed transactions moved units; the others are news."""
    cells = Cells(row)
    status = cells.required("transaction status")
    if status and status.upper() != "COMPLETED":
        message = N_("The transaction is %(status)s: no units moved.")
        cells.brings_nothing("transaction status", message, status=status)
        cells.check()
    scheme = scheme_of(cells)
    quantity = cells.positive("unit quantity")
    transaction = cells.identifier("transaction id", required=True)
    kind = cells.required("transaction type")
    happened_on = cells.day("last updated on (utc)", required=True)
    giver = cells.account("transferring account id")
    taker = cells.account("acquiring account id")
    cells.check()
    return [
        Record(
            act=act_of(kind),
            scheme=scheme,
            quantity=quantity,
            happened_on=happened_on,
            account=giver,
            counter_account=taker,
            reason=kind,
            natural_key=f"UK:{transaction}:{scheme}",
            extra=some(
                transaction=transaction,
                reverses=cells.identifier("reversed or original transaction id"),
                from_type=cells.text("transferring account type"),
                to_type=cells.text("acquiring account type"),
                started=cells.text("transaction start (utc)"),
            ),
        )
    ]


def _block(country: str, unit: str, first: int, last: int) -> Serial:
    if not 0 < first <= last:
        raise InvalidSerialRange(text=f"{first}–{last}")
    return Serial(("UK_ETS", unit, country), first, last)


def read_unit_block(row: Row) -> list[Record]:
    """R0029: who holds which run of serial numbers."""
    cells = Cells(row)
    scheme = scheme_of(cells)
    first, last = cells.whole("start block"), cells.whole("end block")
    country = cells.text("originating country code") or "GB"
    text = f"{first}–{last}"
    block = cells.range_of("start block", text, lambda: _block(country, scheme, first, last))
    quantity = cells.units_in("quantity", block)
    account = cells.identifier("account number") or cells.identifier("holding account id")
    if not account:
        cells.fault("account number", "missing", N_("This cell must not be empty."))
    reserved = cells.text("reserved for transaction")
    cells.check()
    block = cells.sure(block)
    return [
        Record(
            act=Act.HELD,
            scheme=scheme,
            quantity=quantity,
            project_code=cells.identifier("project number"),
            space=block.space,
            first=first,
            last=last,
            account=account,
            state="RESERVED" if reserved else "FREE",
            natural_key=f"HELD:{block.key}",
            extra=some(
                block=cells.identifier("unit block id"),
                holding_account=cells.identifier("holding account id"),
                account_type=cells.text("holding account type"),
                original_period=cells.text("original cp"),
                applicable_period=cells.text("applicable cp"),
                project_track=cells.text("project track"),
                last_transaction=cells.text("last transaction"),
                reserved_for=reserved,
                environmental_activity=cells.text("environmental activity"),
            ),
        )
    ]


def read_year(row: Row) -> list[Record]:
    """An operator's year: verified, delivered, surrendered. Absent is not zero."""
    cells = Cells(row)
    operator = cells.identifier("operator id", required=True)
    year = cells.year("year", required=True)
    facts = (
        (Act.VERIFIED, "verified emissions"),
        (Act.ALLOCATED, "allowances delivered"),
        (Act.SURRENDERED, "surrendered allowances"),
    )
    counts = [(act, cells.whole_or_none(column)) for act, column in facts]
    cells.check()
    return [
        Record(
            act=act,
            scheme="UKA",
            quantity=count,
            vintage_year=year,
            project_code=operator,
            project_name=cells.text("installation name"),
            account=operator,
            natural_key=f"{act}:UK:{operator}:{year}",
            extra=some(
                regulator=cells.text("regulator"),
                holder=cells.text("ah name"),
                permit=cells.identifier("permit id or monitoring plan id"),
                entitlement=cells.text("entitlement"),
                returned=cells.text("returned/reversed allowances"),
                status=cells.text("dss"),
                closed=cells.text("account closed"),
            ),
        )
        for act, count in counts
        if count is not None
    ]


register(
    Layout(
        code="uk_account_statement",
        name=N_("UK ETS: account statement"),
        scheme="UKA",
        required_headers=frozenset(
            {"transaction completion date", "transaction id", "transaction type", "unit type"}
            | {INCOMING, OUTGOING, "transferring account id", "acquiring account id"}
        ),
        read=read_statement,
        dates=DateOrder.DAY_FIRST,
    )
)
register(
    Layout(
        code="uk_transactions",
        name=N_("UK ETS: transactions"),
        scheme="UKA",
        required_headers=frozenset(
            {"transaction id", "transaction type", "unit type", "unit quantity"}
            | {"last updated on (utc)", "transaction status"}
            | {"transferring account id", "acquiring account id"}
        ),
        read=read_transaction,
        dates=DateOrder.DAY_FIRST,
    )
)
register(
    Layout(
        code="uk_unit_blocks",
        name=N_("UK ETS: unit blocks (R0029)"),
        scheme="UKA",
        required_headers=frozenset(
            {"unit block id", "start block", "end block", "quantity", "unit type", "account number"}
        ),
        read=read_unit_block,
        dates=DateOrder.DAY_FIRST,
    )
)
register(
    Layout(
        code="uk_operator_years",
        name=N_("UK ETS: emissions and surrenders of operators"),
        scheme="UKA",
        required_headers=frozenset(
            {"regulator", "operator id", "year", "verified emissions", "surrendered allowances"}
        ),
        read=read_year,
        dates=DateOrder.DAY_FIRST,
    )
)
