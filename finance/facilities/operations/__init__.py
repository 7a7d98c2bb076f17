"""Every write to facilities; money is drawn by a second person's word."""

from finance.facilities.operations.books import (
    agree_facility,
    cancel_facility,
    check_drawdown,
    close_facility,
    declare_default,
    draw,
    drawdown_guards,
    enter_facility,
    record_line,
)
from finance.facilities.operations.margins import (
    draw_figure,
    promise_subsidy,
    record_figure,
    set_margin_step,
)
from finance.facilities.operations.reading import record_reads

__all__ = [
    "agree_facility",
    "cancel_facility",
    "check_drawdown",
    "close_facility",
    "declare_default",
    "draw",
    "draw_figure",
    "drawdown_guards",
    "enter_facility",
    "promise_subsidy",
    "record_figure",
    "record_line",
    "record_reads",
    "set_margin_step",
]
