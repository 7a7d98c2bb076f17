"""Which transaction may run between which types of account. The matrix is data."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from ledger.kernel.errors import N_, DomainError

MATRIX = Path(__file__).resolve().parents[2] / "seeds" / "schemes" / "account_matrix.toml"


class TransactionNotAllowed(DomainError):
    """The cell of the matrix says why not."""

    code = "transaction_not_allowed"
    message = N_("A %(kind)s from a %(from_type)s to a %(to_type)s is not provided for.")


class AccountNumberTaken(DomainError):
    code = "account_number_taken"
    message = N_("The registry has an account of the number %(number)s already.")


class AccountNotOpen(DomainError):
    code = "account_not_open"
    message = N_("The account %(number)s is not open.")


class AccountNotEmpty(DomainError):
    code = "account_not_empty"
    message = N_("The account still holds units.")


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


class Transaction(StrEnum):
    ISSUE = "ISSUE"
    TRANSFER = "TRANSFER"
    HOLD = "HOLD"  # placed, passed on or released: between states of one account
    CAPTURE = "CAPTURE"
    RETIRE = "RETIRE"
    SURRENDER = "SURRENDER"
    CANCEL = "CANCEL"
    EXPIRE = "EXPIRE"


@dataclass(frozen=True, slots=True)
class Cell:
    allowed: bool
    reason: str


@cache
def matrix() -> dict[tuple[Transaction, AccountType, AccountType], Cell]:
    """Every provided cell, from `seeds/schemes/account_matrix.toml`. What is absent is refused."""
    rows = tomllib.loads(MATRIX.read_text("utf-8"))["cells"]
    return {
        (Transaction(row["kind"]), AccountType(source), AccountType(target)): Cell(
            row["allowed"], row["reason"]
        )
        for row in rows
        for source in row["from"]
        for target in row["to"]
    }


def check_transaction(kind: str, from_type: str, to_type: str) -> None:
    """:raises TransactionNotAllowed: the matrix has no such cell, or says no; the cell says why"""
    key = Transaction(kind), AccountType(from_type), AccountType(to_type)
    cell = matrix().get(key)
    if cell is None or not cell.allowed:
        detail = cell.reason if cell else "not in the matrix"
        raise TransactionNotAllowed(detail, kind=kind, from_type=from_type, to_type=to_type)
