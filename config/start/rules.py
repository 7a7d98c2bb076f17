"""What the files of the start look like, and how a row of them may be wrong."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.kernel.errors import N_, DomainError


class AlreadyFounded(DomainError):
    code = "already_founded"
    message = N_("This ledger has its operator already.")


class WrongSetupCode(DomainError):
    code = "wrong_setup_code"
    message = N_("That is not the setup code that the server printed.")


class RowsRefused(DomainError):
    """Nothing was taken in. `problems` are (row, reason)."""

    code = "rows_refused"
    message = N_("%(count)s rows were refused; nothing was taken in.")

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = list(problems)
        first = f"{self.problems[0][0]}: {self.problems[0][1]}" if self.problems else ""
        super().__init__(first, count=len(self.problems))


class ColumnMissing(DomainError):
    code = "column_missing"
    message = N_("The column “%(column)s” is missing.")


class NotText(DomainError):
    code = "not_text"
    message = N_("The file is neither UTF-8 nor GB18030 text.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of file: its columns, those that may be empty in brackets, and an example row."""

    kind: str
    title: str
    columns: tuple[str, ...]
    optional: frozenset[str]
    example: tuple[str, ...]


SHEETS: Mapping[str, Sheet] = {
    "parties": Sheet(
        "parties",
        N_("Parties"),
        ("kind", "name_zh", "name_en", "uscc", "region"),
        frozenset({"name_en", "uscc", "region"}),
        ("COMPANY", "某某制造有限公司", "Some Maker Co., Ltd.", "", "330000"),
    ),
    "parks": Sheet(
        "parks",
        N_("Park"),
        ("code", "name_zh", "name_en", "province", "address"),
        frozenset({"name_en", "address"}),
        ("PARK-1", "某某园区", "Some Park", "330000", ""),
    ),
    "tenants": Sheet(
        "tenants",
        N_("Tenants"),
        ("park", "code", "name_zh", "name_en", "equity_share", "valid_from"),
        frozenset({"name_en"}),
        ("PARK-1", "MAKER", "某某制造有限公司", "Some Maker", "1", "2025-01-01"),
    ),
    "sources": Sheet(
        "sources",
        N_("Sources and meters"),
        ("park", "code", "name_zh", "name_en", "kind", "carrier", "unit", "meter", "valid_from"),
        frozenset({"name_en", "meter"}),
        ("PARK-1", "POWER-1", "外购电力", "Power", "PURCHASED_POWER", "ELECTRICITY", "MWh", "E-1",
         "2025-01-01"),
    ),
    "accounts": Sheet(
        "accounts",
        N_("Accounts"),
        ("type", "registry", "number", "name"),
        frozenset({"name"}),
        ("HOLDING", "CCRC", "330000-0001", "登记账户"),
    ),
    "positions": Sheet(
        "positions",
        N_("Opening positions"),
        ("account", "lot", "scheme", "vintage_year", "units", "prefix", "first_serial"),
        frozenset({"prefix", "first_serial"}),
        ("330000-0001", "CEA-2025", "CEA", "2025", "1000", "", ""),
    ),
}  # fmt: skip


def read_sheet(content: bytes, sheet: Sheet) -> list[dict[str, str]]:
    """The rows of a CSV file, every value stripped.

    :raises NotText, ColumnMissing:
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise NotText
    reader = csv.DictReader(io.StringIO(text))
    for column in sheet.columns:
        if column not in (reader.fieldnames or ()) and column not in sheet.optional:
            raise ColumnMissing(column=column)
    return [{key: (row.get(key) or "").strip() for key in sheet.columns} for row in reader]
