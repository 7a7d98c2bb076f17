"""UK ETS uploads of emissions and allocations: the file's own name carries the sum of its bytes."""

import re
from collections.abc import Iterator

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.days import NotADay, days_together
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.records import Act, Record, Row, RowFault
from ledger.kernel.errors import N_

REGULATORS = ("EA", "NRW", "SEPA", "DAERA", "OPRED")
YEARS = tuple(str(year) for year in range(2021, 2031))
EMISSIONS_NAME = re.compile(
    r"UK_EMISSIONS_(?P<day>\d{8})_(?P<regulator>[A-Z]+)_(?P<md5>[0-9A-Fa-f]{32})\.xlsx"
)
ALLOCATION_NAME = re.compile(
    r"UK_(?P<table>NER|NAT|NAVAT)_2021_2030_(?P<md5>[0-9A-Fa-f]{32})\.xlsx"
)


def check_emissions_file(name: str, md5: str) -> Iterator[RowFault]:
    """UK_EMISSIONS_DDMMYYYY_REGULATOR_MD5.xlsx, the MD5 being that of the bytes."""
    told = EMISSIONS_NAME.fullmatch(name)
    if not told:
        yield _odd_name("UK_EMISSIONS_DDMMYYYY_REGULATOR_MD5.xlsx", name)
        return
    try:
        days_together(told["day"])
    except NotADay:
        yield RowFault("", "not_a_day", N_("%(text)s is not a day."), {"text": told["day"]})
    if told["regulator"] not in REGULATORS:
        message = N_("%(text)s is not one of the regulators %(known)s.")
        params = {"text": told["regulator"], "known": ", ".join(REGULATORS)}
        yield RowFault("", "unknown_regulator", message, params)
    yield from _check_sum(told["md5"], md5)


def check_allocation_file(name: str, md5: str) -> Iterator[RowFault]:
    """UK_NER|NAT|NAVAT_2021_2030_MD5.xlsx."""
    told = ALLOCATION_NAME.fullmatch(name)
    if not told:
        yield _odd_name("UK_NER|NAT|NAVAT_2021_2030_MD5.xlsx", name)
        return
    yield from _check_sum(told["md5"], md5)


def _odd_name(form: str, name: str) -> RowFault:
    message = N_("The file must be named %(form)s; it is named %(name)s.")
    return RowFault("", "odd_file_name", message, {"form": form, "name": name})


def _check_sum(told: str, md5: str) -> Iterator[RowFault]:
    if told.lower() != md5.lower():
        message = N_("The sum in the file's name is %(told)s, that of its bytes is %(found)s.")
        yield RowFault("", "sum_differs", message, {"told": told, "found": md5})


def read_emissions(row: Row) -> list[Record]:
    cells = Cells(row)
    operator = cells.identifier("operator id", required=True)
    year = cells.year("year", required=True)
    emissions = cells.whole("emissions")
    if year and year < int(YEARS[0]):
        message = N_("The scheme begins with the year %(first)s.")
        cells.fault("year", "year_before_scheme", message, first=YEARS[0])
    cells.check()
    return [
        Record(
            act=Act.VERIFIED,
            scheme="UKA",
            quantity=emissions,
            vintage_year=year,
            account=operator,
            project_code=operator,
            natural_key=f"{Act.VERIFIED}:UK:{operator}:{year}",
        )
    ]


def read_allocation(row: Row) -> list[Record]:
    """One record for each year with a number; an empty cell is no allocation of zero."""
    cells = Cells(row)
    installation, operator = cells.identifier("installation id"), cells.identifier("operator id")
    if not installation and not operator:
        cells.fault("installation id", "missing", N_("This cell must not be empty."))
    counts = [(year, cells.whole_or_none(year)) for year in YEARS]
    if all(count is None for _, count in counts) and not cells.faults:
        cells.brings_nothing(YEARS[0], N_("No year of this row has a number."))
    cells.check()
    account = installation or operator
    return [
        Record(
            act=Act.ALLOCATED,
            scheme="UKA",
            quantity=count,
            vintage_year=int(year),
            account=account,
            project_code=account,
            natural_key=f"{Act.ALLOCATED}:UK:{account}:{year}",
            extra=some(installation=installation, operator=operator),
        )
        for year, count in counts
        if count is not None
    ]


register(
    Layout(
        code="uk_emissions_upload",
        name=N_("UK ETS: upload of verified emissions"),
        scheme="UKA",
        required_headers=frozenset({"operator id", "year", "emissions"}),
        read=read_emissions,
        check_file=check_emissions_file,
    )
)
for _id in ("installation id", "operator id"):
    register(
        Layout(
            code=f"uk_allocation_upload_{_id.split()[0]}s",
            name=N_("UK ETS: upload of free allocations"),
            scheme="UKA",
            required_headers=frozenset({_id, *YEARS}),
            read=read_allocation,
            check_file=check_allocation_file,
        )
    )
