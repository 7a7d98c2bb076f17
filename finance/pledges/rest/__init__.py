"""Pledges for machines: reads and acts."""

from finance.pledges.rest.reading import (
    CoverRow,
    CoverToday,
    OnePledge,
    Pledges,
    PledgeWhole,
    RequestRow,
    Requests,
    ValuationRow,
    Valuations,
    cover_today,
    whole_of,
)
from finance.pledges.rest.writing import (
    AskCreditor,
    Decide,
    ProposePledge,
    ProposeTopUp,
    RegisterEntry,
)

__all__ = [
    "AskCreditor",
    "CoverRow",
    "CoverToday",
    "Decide",
    "OnePledge",
    "PledgeWhole",
    "Pledges",
    "ProposePledge",
    "ProposeTopUp",
    "RegisterEntry",
    "RequestRow",
    "Requests",
    "ValuationRow",
    "Valuations",
    "cover_today",
    "whole_of",
]
