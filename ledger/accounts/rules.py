"""Which transaction may run between which types of account. The matrix is data."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from ledger.kernel.errors import N_, DomainError

BEIJING = timezone(timedelta(hours=8))
# where a reason comes from in our own book of rules, which its reader does not have
BOOK = re.compile(r" \(R\d+\.\d+\)$")
MATRIX = Path(__file__).resolve().parents[2] / "seeds" / "schemes" / "account_matrix.toml"


class TransactionNotAllowed(DomainError):
    """The cell of the matrix says why not."""

    code = "transaction_not_allowed"
    message = N_(
        "A %(kind)s from a %(from_type)s to a %(to_type)s is not provided for: %(reason)s."
    )


class AccountNumberTaken(DomainError):
    code = "account_number_taken"
    message = N_("The registry has an account of the number %(number)s already.")


class AccountNotOpen(DomainError):
    code = "account_not_open"
    message = N_("The account %(number)s is not open.")


class AccountNotEmpty(DomainError):
    code = "account_not_empty"
    message = N_("The account still holds units.")


class CounterpartyNotTrusted(DomainError):
    """A transfer to a counterparty that is not on the list goes out some days later."""

    code = "counterparty_not_trusted"
    message = N_("The account %(number)s is not on the list of trusted accounts yet.")


class NotACounterparty(DomainError):
    code = "not_a_counterparty"
    message = N_("One's own account needs no trust.")


class AlreadyTrusted(DomainError):
    code = "already_trusted"
    message = N_("The account %(number)s is on the list already.")


class AccountType(StrEnum):
    HOLDING = "HOLDING"  # registry-available (登记持有)
    TRADING = "TRADING"  # trading-available (交易持有)
    PROJECT = "PROJECT"  # a project's owner receives issues here
    GENERATOR = "GENERATOR"  # a power plant receives certificates here
    ISSUER = "ISSUER"  # the source of units; may go below zero
    SURRENDER = "SURRENDER"
    RETIREMENT = "RETIREMENT"
    CANCELLATION = "CANCELLATION"
    EXPIRY = "EXPIRY"
    OUTSIDE = "OUTSIDE"  # a counterparty whose books are not ours


# Whoever keeps them in its books: units in these are a stranger's, or not there yet.
NOT_OURS = frozenset({AccountType.OUTSIDE, AccountType.ISSUER})


class Kind(StrEnum):
    """What is done; the transaction's own name follows from it and from the two accounts."""

    ISSUE = "ISSUE"
    TRANSFER = "TRANSFER"
    HOLD = "HOLD"  # placed, passed on or released: between states of one account
    CAPTURE = "CAPTURE"
    RETIRE = "RETIRE"
    CLAIM = "CLAIM"
    REDEEM = "REDEEM"
    SURRENDER = "SURRENDER"
    CANCEL = "CANCEL"
    EXPIRE = "EXPIRE"
    CARRY_OVER = "CARRY_OVER"


class Reach(StrEnum):
    """How far the movement goes, seen from the giving account."""

    WITHIN = "WITHIN"  # between states of one account
    SAME = "SAME"  # to another account of the same party
    OTHER = "OTHER"  # to another party's account


@dataclass(frozen=True, slots=True)
class Cell:
    """`transaction` is empty where it is refused."""

    transaction: str
    reason: str
    reason_zh: str

    @property
    def allowed(self) -> bool:
        return bool(self.transaction)


@dataclass(frozen=True, slots=True)
class TransactionName:
    code: str
    name_zh: str
    name_en: str
    basis: str
    confidence: str


Key = tuple[Kind, AccountType, AccountType, Reach]


def _read() -> dict[str, Any]:
    return tomllib.loads(MATRIX.read_text("utf-8"))


@cache
def transactions() -> dict[str, TransactionName]:
    """The transactions by their code, in the order of the file."""
    return {row["code"]: TransactionName(**row) for row in _read()["transactions"]}


def _types(told: list[str]) -> list[AccountType]:
    return list(AccountType) if told == ["*"] else [AccountType(one) for one in told]


@cache
def matrix() -> dict[Key, Cell]:
    """Every cell, from `seeds/schemes/account_matrix.toml`: the first line that fits."""
    cells = dict[Key, Cell]()
    for row in _read()["cells"]:
        cell = Cell(row.get("transaction", ""), row["reason"], row["reason_zh"])
        reaches = [Reach(row["reach"])] if "reach" in row else list(Reach)
        for key in product([Kind(row["kind"])], _types(row["from"]), _types(row["to"]), reaches):
            if key[3] is not Reach.WITHIN or key[1] is key[2]:
                cells.setdefault(key, cell)
    return cells


def reason_in(language: str, reason: str) -> str:
    """The reason of a cell in a language, found by its English."""
    found = next((cell for cell in matrix().values() if cell.reason == reason), None)
    if found and language.startswith("zh"):
        return found.reason_zh
    return BOOK.sub("", reason)


def beijing_day(at: datetime) -> date:
    """I31: a day is a Beijing day."""
    return at.astimezone(BEIJING).date()


def check_transaction(kind: str, from_type: str, to_type: str, *, reach: Reach = Reach.SAME) -> str:
    """What this transaction is called.

    :raises TransactionNotAllowed: the cell of the matrix says no, and why
    """
    cell = matrix()[Kind(kind), AccountType(from_type), AccountType(to_type), reach]
    if not cell.allowed:
        raise TransactionNotAllowed(
            kind=kind, from_type=from_type, to_type=to_type, reason=cell.reason
        )
    return cell.transaction
