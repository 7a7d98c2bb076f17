"""EU transaction log: the raw public file, the web page's export, the tables of EUETS.INFO.

There are no serial numbers: only totals can be reconciled. One transaction has several rows, one
for each type of unit.
"""

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.records import Act, DateOrder, Record, Row
from ledger.kernel.errors import N_

# Main and supplementary type, as the log writes them (general knowledge, confidence C). Types that
# are not listed are transfers; the type itself is always kept.
ACTS = {"10-2": Act.SURRENDERED, "10-53": Act.ALLOCATED, "10-36": Act.ALLOCATED}
MAIN_ACTS = {"1": Act.ISSUED, "4": Act.CANCELLED, "5": Act.RETIRED}
SCHEMES = (("aviation", "EUAA"), ("cer", "CDM_CER"), ("eru", "ERU"), ("rmu", ""), ("aau", "EUA"))


def act_of(kind: str) -> Act:
    return ACTS.get(kind, MAIN_ACTS.get(kind.split("-", maxsplit=1)[0], Act.TRANSFERRED))


def scheme_of(unit: str, supplementary: str = "") -> str:
    """A Kyoto unit type first, then what kind of allowance it stands for; else a plain EUA."""
    words = f"{supplementary} {unit}".lower()
    return next((scheme for word, scheme in SCHEMES if word in words), "EUA")


def read_raw(row: Row) -> list[Record]:
    cells = Cells(row)
    transaction = cells.identifier("transaction_id", required=True)
    kind = cells.required("transaction_type")
    happened_on = cells.day("transaction_date", required=True)
    unit, supplementary = (
        cells.text("unit_type_description"),
        cells.text("supp_unit_type_description"),
    )
    amount = cells.positive("amount")
    giver = _account(cells, "transferring_registry_name", "transferring_account_identifier")
    taker = _account(cells, "acquiring_registry_name", "acquiring_account_identifier")
    project, track = cells.identifier("project_identifier"), cells.text("track")
    origin = cells.text("originating_registry")
    cells.check()
    told = (transaction, unit, supplementary, origin, project, track, giver, taker)
    return [
        Record(
            act=act_of(kind),
            scheme=scheme_of(unit, supplementary),
            quantity=amount,
            project_code=project,
            happened_on=happened_on,
            account=giver,
            counter_account=taker,
            reason=kind,
            natural_key="EUTL:" + ":".join(told),
            extra=some(
                transaction=transaction,
                unit_type=unit,
                supplementary_unit_type=supplementary,
                originating_registry=origin,
                track=track,
                from_name=cells.text("transferring_account_name"),
                to_name=cells.text("acquiring_account_name"),
            ),
        )
    ]


def _account(cells: Cells, registry: str, identifier: str) -> str:
    """An account's number is its registry's own: both together name it."""
    number, place = cells.identifier(identifier), cells.text(registry)
    return f"{place} {number}".strip()


def read_web(row: Row) -> list[Record]:
    """The page shows no type of unit: allowances are supposed, and that is said."""
    cells = Cells(row)
    transaction = cells.identifier("transaction id", required=True)
    status = cells.text("status")
    if status and status.lower() != "completed":
        message = N_("The transaction is %(status)s: no units moved.")
        cells.brings_nothing("status", message, status=status)
        cells.check()
    kind = cells.required("type")
    happened_on = cells.day("date", required=True)
    amount = cells.positive("nb of units")
    giver = _account(cells, "transferring registry", "transferring account identifier")
    taker = _account(cells, "acquiring registry", "acquiring account identifier")
    cells.check()
    return [
        Record(
            act=act_of(kind.split(" ", maxsplit=1)[0]),
            scheme="EUA",
            quantity=amount,
            happened_on=happened_on,
            account=giver,
            counter_account=taker,
            reason=kind,
            natural_key=f"EUTL:{transaction}:{giver}:{taker}:{amount}",
            extra=some(
                transaction=transaction,
                unit_type="NOT_SHOWN",
                from_type=cells.text("transferring account type"),
                to_type=cells.text("acquiring account type"),
                from_holder=cells.text("transferring account holder"),
                to_holder=cells.text("acquiring account holder"),
            ),
        )
    ]


def read_archive_transaction(row: Row) -> list[Record]:
    cells = Cells(row)
    number = cells.identifier("id", required=True)
    transaction = cells.identifier("transactionid", required=True)
    happened_on = cells.day("date", required=True)
    main = cells.identifier("transactiontypemain_id", required=True)
    kind = f"{main}-{cells.identifier('transactiontypesupplementary_id') or '0'}"
    amount = cells.positive("amount")
    unit = cells.identifier("unittype_id")
    cells.check()
    return [
        Record(
            act=act_of(kind),
            scheme=scheme_of(unit),
            quantity=amount,
            project_code=cells.identifier("project_id"),
            happened_on=happened_on,
            account=cells.identifier("transferringaccount_id"),
            counter_account=cells.identifier("acquiringaccount_id"),
            reason=kind,
            natural_key=f"EUETS:{number}",
            extra=some(
                transaction=transaction,
                unit_type=unit,
                trading_system=cells.text("tradingsystem_id"),
            ),
        )
    ]


COMPLIANCE = (
    (Act.ALLOCATED, "allocatedfree", "free"),
    (Act.ALLOCATED, "allocatednewentrance", "new entrance"),
    (Act.ALLOCATED, "allocated10c", "10c"),
    (Act.VERIFIED, "verified", ""),
    (Act.SURRENDERED, "surrendered", ""),
)


def read_archive_compliance(row: Row) -> list[Record]:
    """An installation's year. The parts of the allocation must make its printed total."""
    cells = Cells(row)
    installation = cells.identifier("installation_id", required=True)
    year = cells.year("year", required=True)
    counts = [(act, column, why, cells.whole_or_none(column)) for act, column, why in COMPLIANCE]
    total = cells.whole_or_none("allocatedtotal")
    parts = sum(count or 0 for act, _, _, count in counts if act is Act.ALLOCATED)
    if total is not None and total != parts:
        message = N_("The parts make %(parts)s, the total says %(total)s.")
        cells.fault("allocatedtotal", "does_not_foot", message, parts=parts, total=total)
    cells.check()
    system = cells.text("reportedinsystem_id")
    return [
        Record(
            act=act,
            scheme="EUA",
            quantity=count,
            vintage_year=year,
            account=installation,
            project_code=installation,
            reason=why,
            natural_key=f"{act}:EUETS:{installation}:{year}:{system}:{why}",
            extra=some(
                system=system, phase=cells.text("euetsphase"), code=cells.text("compliance_id")
            ),
        )
        for act, _, why, count in counts
        if count is not None
    ]


def read_archive_surrender(row: Row) -> list[Record]:
    cells = Cells(row)
    installation = cells.identifier("installation_id", required=True)
    year = cells.year("year", required=True)
    unit = cells.identifier("unittype_id", required=True)
    amount = cells.positive("amount")
    origin, project = cells.text("originatingregistry_id"), cells.identifier("project_id")
    cells.check()
    return [
        Record(
            act=Act.SURRENDERED,
            scheme=scheme_of(unit),
            quantity=amount,
            vintage_year=year,
            account=installation,
            project_code=project,
            natural_key=f"SURRENDERED:EUETS:{installation}:{year}:{unit}:{origin}:{project}",
            extra=some(unit_type=unit, originating_registry=origin),
        )
    ]


RAW_SIDES = {
    f"{side}_{what}"
    for side in ("transferring", "acquiring")
    for what in ("registry_name", "account_name", "account_identifier")
}
register(
    Layout(
        code="eutl_raw",
        name=N_("EU transaction log: raw public file"),
        scheme="EUA",
        required_headers=frozenset(
            {"transaction_id", "transaction_type", "transaction_date", "amount"} | RAW_SIDES
        ),
        read=read_raw,
        dates=DateOrder.DAY_FIRST,
    )
)
register(
    Layout(
        code="eutl_web",
        name=N_("EU transaction log: export of the web page"),
        scheme="EUA",
        required_headers=frozenset(
            {"transaction id", "type", "date", "status", "nb of units"}
            | {"transferring registry", "acquiring registry"}
        ),
        read=read_web,
    )
)
register(
    Layout(
        code="euets_transaction",
        name=N_("EUETS.INFO: transactions"),
        scheme="EUA",
        required_headers=frozenset(
            {"id", "transactionid", "date", "transactiontypemain_id", "amount", "unittype_id"}
        ),
        read=read_archive_transaction,
    )
)
register(
    Layout(
        code="euets_compliance",
        name=N_("EUETS.INFO: compliance"),
        scheme="EUA",
        required_headers=frozenset({"installation_id", "year", "allocatedtotal", "verified"}),
        read=read_archive_compliance,
    )
)
register(
    Layout(
        code="euets_surrender",
        name=N_("EUETS.INFO: surrenders"),
        scheme="EUA",
        required_headers=frozenset(
            {"installation_id", "year", "unittype_id", "amount", "originatingregistry_id"}
        ),
        read=read_archive_surrender,
    )
)
