"""A public table goes through the importer into the ledger, as a manager would take it in."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.imports import layouts, queries
from ledger.imports import operations as imports
from ledger.imports.states import ImportState
from ledger.kernel.actors import Actor
from ledger.units import queries as units
from ledger.units.states import UnitState
from tests.factories import imports as files

FREE = UnitState.FREE
USED = (UnitState.RETIRED, UnitState.SURRENDERED, UnitState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Importer:
    """A party with one account in a registry; what its imports refused is kept by code."""

    by: Actor
    account_id: UUID
    registry: str

    @classmethod
    def of(cls, registry: str) -> "Importer":
        by = files.manager()
        return cls(by, files.account(by, registry=registry), registry)

    def take_in(self, rows: Sequence[Mapping[str, str]], *, layout: str) -> dict[str, int]:
        """Lines that cannot be are set aside, the rest is posted. Problems are counted by code."""
        row = files.read(
            as_file(rows, layout), by=self.by, account_id=self.account_id, is_one_account=True,
            layout=layout, name=f"{layout}.csv",
        )  # fmt: skip
        refused = Counter(problem.code for problem in queries.standing_problems(row))
        if row.state == ImportState.FAULTY:
            imports.set_aside_lines(import_id=row.pk, reason="cannot be", by=self.by, at=files.NOON)
            row = files.check(row.pk)
        assert row.state == ImportState.READY, (row.state, dict(refused))
        files.take_in(row, by=self.by)
        return dict(refused)

    def sums(self, *states: UnitState) -> dict[str, int]:
        """Units by vintage in the account and in the registry's pool of reserves."""
        pool = accounts.find_account(registry=self.registry, number=f"BUFFER-{self.registry}")
        places = [self.account_id, *([pool.pk] if pool else [])]
        found: Counter[str] = Counter()
        for view in units.positions_in(places):
            if view.state in states:
                found[str(view.vintage_year)] += view.unit_count
        return {year: count for year, count in found.items() if count}


def as_file(rows: Sequence[Mapping[str, str]], layout: str) -> bytes:
    """CSV with every heading that the layout asks for and the rows have."""
    names = dict.fromkeys(name for row in rows for name in row)
    headings = [*names, *sorted(layouts.get(layout).required_headers - set(names))]
    out = io.StringIO()
    writer = csv.DictWriter(out, headings, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
