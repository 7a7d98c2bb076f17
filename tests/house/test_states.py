"""Every state has its table, and every pair of states is tried: what is not declared is refused."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest

from config.management.commands.write_reference import PAGES, tables
from ledger.kernel.errors import IllegalTransition
from ledger.kernel.transitions import check_transition

TABLES = list(tables())


def pairs() -> Iterator[Any]:
    for room, name, table in TABLES:
        for old in table:
            for new in table:
                yield pytest.param(table, old, new, id=f"{room}.{name}:{old}-{new}")


@pytest.mark.parametrize(("table", "old", "new"), list(pairs()))
def test_a_move_is_in_the_table_or_refused(table, old, new):
    if new in table[old]:
        check_transition(table, old, new)
        return
    with pytest.raises(IllegalTransition):
        check_transition(table, old, new)


@pytest.mark.parametrize(("room", "name", "table"), TABLES)
def test_a_table_has_a_line_for_every_state(room, name, table):
    states = type(next(iter(table)))
    assert issubclass(states, Enum)
    assert set(table) == set(states), f"{room}.{name}"
    assert set().union(*table.values()) <= set(states)


@pytest.mark.parametrize("document", PAGES, ids=lambda one: one.name)
def test_a_generated_page_is_that_of_the_code(document):
    told = document.read_text("utf-8")
    assert told == PAGES[document](), "run manage.py write_reference"
