"""What `verify_ledger` asks: every loaded row against the event that loaded it."""

from collections.abc import Iterator
from typing import Any, Protocol

from ledger.audit import queries as audit
from reporting.factors import models, rules


class _Potential(Protocol):
    @property
    def gwp_set(self) -> Any: ...

    @property
    def gas(self) -> Any: ...


class _Component(Protocol):
    @property
    def blend(self) -> Any: ...

    @property
    def gas(self) -> Any: ...


def gwp_subject(row: _Potential) -> str:
    return f"factors.Gwp:{row.gwp_set}-{row.gas}"


def blend_subject(row: _Component) -> str:
    return f"factors.Blend:{row.blend}-{row.gas}"


def fact_of(row: models.Factor) -> rules.FactorFact:
    return rules.FactorFact(**{n: getattr(row, n) for n in rules.FactorFact.__slots__})


def _rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in models.Factor.objects.order_by("pk").iterator():
        yield f"factors.Factor:{row.pk}", {**fact_of(row).content(), "digest": row.digest}


def _gwp_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in models.Gwp.objects.order_by("pk").iterator():
        fact = rules.GwpFact(**{n: getattr(row, n) for n in rules.GwpFact.__slots__})
        yield gwp_subject(row), {**fact.content(), "digest": row.digest}


def _blend_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in models.Blend.objects.order_by("pk").iterator():
        fact = rules.BlendFact(**{n: getattr(row, n) for n in rules.BlendFact.__slots__})
        yield blend_subject(row), {**fact.content(), "digest": row.digest}


def check_rows_against_events() -> Iterator[audit.Fault]:
    """Every loaded row against the event that loaded it."""
    compare = audit.compare_rows_with_events
    yield from compare(_rows(), kind="factor", verbs=("factor.loaded", "factor.ended"))
    yield from compare(_gwp_rows(), kind="gwp", verbs=("gwp.loaded",))
    yield from compare(_blend_rows(), kind="blend", verbs=("blend.loaded",))
