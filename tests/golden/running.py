"""Public case files, and who answers them. `docs/how-to/golden.md` says how to add a set or a room.

A file `<set>.json` holds cases, each with inputs and what is expected. `<set>.expected.json` holds
the expected figures of the CSV files it names. Any folder of such files can be run.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from django.db import transaction

from tests.golden import servers

# What a file of expected figures says about itself.
ABOUT = {
    "set", "side", "kind", "source", "licence", "csv", "file", "method", "how", "seed", "selection",
    "tolerance", "serial_rule", "version", "year", "verified", "pitfalls",
}  # fmt: skip


class NotCovered(Exception):
    """No room of the product answers this case."""


@dataclass(frozen=True, slots=True)
class Case:
    """`expected` is what the file publishes; a server looks at it only to know what is asked."""

    id: str
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    tolerance: str = "exact"
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Tables and the figures expected of them."""

    name: str
    folder: Path
    expected: Mapping[str, Any]

    def path(self, ending: str) -> Path:
        """The table whose file name ends so."""
        told = self.expected.get("csv") or self.expected.get("file") or []
        names = [told] if isinstance(told, str) else told
        return self.folder / next(name for name in names if name.endswith(ending))

    def rows(self, ending: str) -> list[dict[str, str]]:
        with self.path(ending).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@dataclass(frozen=True, slots=True)
class GoldenSet:
    name: str
    cases: tuple[Case, ...] = ()
    dataset: Dataset | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """Who answers. `prose` are expected texts for readers, which no program compares."""

    serve: Callable[[Any], Mapping[str, Any]]
    prose: frozenset[str]
    absolute: Decimal
    relative: Decimal
    prepare: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Outcome:
    name: str
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    not_covered: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.name}: {self.passed} passed, {len(self.failed)} failed, "
            f"{len(self.not_covered)} not covered"
        )


_SERVERS: dict[str, Server] = {}


def serves(
    *prefixes: str,
    prose: Sequence[str] = (),
    absolute: str = "0",
    relative: str = "0",
    prepare: Callable[[], None] = lambda: None,
) -> Callable[[Callable[[Any], Mapping[str, Any]]], Callable[[Any], Mapping[str, Any]]]:
    """Register a function from a case (or a dataset) to what the product makes of it.

    It answers sets whose names begin with one of `prefixes`; the longest prefix wins. Numbers may
    differ by `absolute`, or by `relative` of the expected; by default by what the case says.
    """

    def remember(
        serve: Callable[[Any], Mapping[str, Any]],
    ) -> Callable[[Any], Mapping[str, Any]]:
        for prefix in prefixes:
            made = Server(serve, frozenset(prose), Decimal(absolute), Decimal(relative), prepare)
            _SERVERS[prefix.lower()] = made
        return serve

    return remember


@cache
def _load_servers() -> None:
    for module in iter_modules(servers.__path__):
        import_module(f"{servers.__name__}.{module.name}")


def server_of(name: str) -> Server | None:
    _load_servers()
    plain = name.lower()
    fitting = [prefix for prefix in _SERVERS if plain.startswith(prefix)]
    return _SERVERS[max(fitting, key=len)] if fitting else None


def find_sets(folder: Path) -> list[GoldenSet]:
    """The sets of a folder, by name. Tables that no set names are inputs of others."""
    return [one for path in sorted(folder.glob("*.json")) if (one := _read_set(path))]


def _read_set(path: Path) -> GoldenSet | None:
    told = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    if path.name.endswith(".expected.json"):
        name = path.name.removesuffix(".expected.json")
        return GoldenSet(name, dataset=Dataset(name, path.parent, told))
    if not isinstance(told, dict) or not isinstance(told.get("cases"), list):
        return None
    cases = tuple(
        Case(
            one["id"], one["inputs"], one["expected"],
            str(one.get("tolerance", "exact")), one.get("operation", ""),
        )
        for one in told["cases"]
    )  # fmt: skip
    return GoldenSet(path.stem, cases=cases)


def judge(golden: GoldenSet) -> Outcome:
    """Serve every case and compare; a case that breaks is a failed case."""
    outcome = Outcome(golden.name)
    server = server_of(golden.name)
    if server is not None:
        server.prepare()  # what all cases of the set stand on
    if golden.dataset is not None:
        _judge_dataset(golden.dataset, server, outcome)
    for case in golden.cases:
        if server is None:
            outcome.not_covered.append(case.id)
        else:
            _judge_case(case, server, outcome)
    return outcome


@contextmanager
def _rolled_back() -> Iterator[None]:
    """Each case begins with the same ledger."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _judge_case(case: Case, server: Server, outcome: Outcome) -> None:
    try:
        with _rolled_back():
            observed = server.serve(case)
    except NotCovered:
        outcome.not_covered.append(case.id)
        return
    except Exception as broken:
        outcome.failed.append(f"{case.id}: {type(broken).__name__}: {broken}")
        return
    asked = _without(case.expected, server.prose)
    wrong = differences(observed, asked, *_tolerance(case.tolerance, server))
    if wrong:
        outcome.failed.append(f"{case.id}: {'; '.join(wrong[:5])}")
    else:
        outcome.passed += 1


def _judge_dataset(dataset: Dataset, server: Server | None, outcome: Outcome) -> None:
    """Each figure counts as a case."""
    figures = {name: told for name, told in dataset.expected.items() if name not in ABOUT}
    if server is None:
        outcome.not_covered.extend(figures)
        return
    try:
        with _rolled_back():
            observed = server.serve(dataset)
    except Exception as broken:
        outcome.failed.append(f"{type(broken).__name__}: {broken}")
        return
    for name, told in figures.items():
        if name in server.prose:
            continue
        if name not in observed:
            outcome.not_covered.append(name)
            continue
        asked = _without(told, server.prose)
        if wrong := differences(observed[name], asked, server.absolute, server.relative, name):
            outcome.failed.append("; ".join(wrong[:5]))
        else:
            outcome.passed += 1


def _without(told: Any, names: frozenset[str]) -> Any:
    """The same without what no program compares, at every depth."""
    if isinstance(told, Mapping):
        kept = ((name, value) for name, value in told.items() if name not in names)
        return {name: _without(value, names) for name, value in kept}
    return [_without(one, names) for one in told] if isinstance(told, list) else told


def _tolerance(told: str, server: Server) -> tuple[Decimal, Decimal]:
    """What the case allows, or its server, whichever is more: absolute and relative.

    "1e-6", "0.5 (published as integer)", "… within 3 t …", "relative 1e-6" and "1e-6 relative" are
    understood; what is told otherwise the server declares.
    """
    words = (told.partition("within ")[2] or told).split()
    relative = "relative" in words[:2]
    number = next((word for word in words[:2] if word != "relative"), "")
    try:
        allowed = Decimal(number)
    except InvalidOperation:
        allowed = Decimal(0)
    if relative:
        return server.absolute, max(server.relative, allowed)
    return max(server.absolute, allowed), server.relative


def differences(
    found: Any, told: Any, absolute: Decimal, relative: Decimal, at: str = ""
) -> list[str]:
    """What differs, each with its place. More may be found than was asked for."""
    if isinstance(told, Mapping) and isinstance(found, Mapping):
        return [
            wrong
            for name, value in told.items()
            for wrong in (
                differences(found[name], value, absolute, relative, f"{at}.{name}".lstrip("."))
                if name in found
                else [f"{at}.{name}".lstrip(".") + " is missing"]
            )
        ]
    if isinstance(told, list) and isinstance(found, list | tuple) and len(found) == len(told):
        return [
            wrong
            for place, (one, value) in enumerate(zip(found, told, strict=True))
            for wrong in differences(one, value, absolute, relative, f"{at}[{place}]")
        ]
    return [] if _same(found, told, absolute, relative) else [f"{at}: {found!r}, not {told!r}"]


def _same(found: Any, told: Any, absolute: Decimal, relative: Decimal) -> bool:
    numbers = int | Decimal
    if isinstance(told, bool) or not isinstance(told, numbers) or not isinstance(found, numbers):
        return bool(found == told)
    allowed = max(absolute, relative * abs(Decimal(told)))
    return abs(Decimal(found) - Decimal(told)) <= allowed
