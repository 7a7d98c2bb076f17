"""Blocks that two persons lifted while books and registry differed: every report says so."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from ledger.reconciliation.queries import OverrideView
from reporting.disclosures.assembling.wording import words

CODE = "block_lifted"
NAME = ("差异未结时的临时放行", "Block lifted while a difference was open")
TEXT = (
    "账户 {account} 的 {scheme} {vintage}：与登记机构有 {breaks} 项未结差异，"
    "经两人批准自 {start} 至 {end} 放行，期间记入 {entries} 笔分录。理由：{reason}",
    "{scheme} {vintage} of account {account}: with {breaks} open differences from the registry, two"
    " persons lifted the block from {start} to {end}; {entries} entries went through. Reason:"
    " {reason}",
)


def lifted_blocks(
    overrides: Iterable[OverrideView], numbers: Mapping[UUID, str]
) -> list[dict[str, Any]]:
    """A flag for each override; `numbers` names the accounts."""
    return [_flag(one, numbers[one.account_id]) for one in overrides]


def _flag(one: OverrideView, number: str) -> dict[str, Any]:
    told = {
        "account": number,
        "scheme": one.scheme,
        "vintage": one.vintage_year,
        "breaks": one.break_count,
        "start": one.valid_from.isoformat(),
        "end": (one.expires_on - timedelta(days=1)).isoformat(),
        "entries": len(one.entry_ids),
        "reason": one.reason,
    }
    said = words((TEXT[0].format(**told), TEXT[1].format(**told)))
    return {"code": CODE, "name": words(NAME), "text": said}
