"""Every write of this room: sources from the seeds, and marks and rates that somebody tells."""

from finance.prices.operations.loading import load_seeds, load_sources
from finance.prices.operations.telling import Told, preview, tell_marks, tell_rates
from finance.prices.operations.withdrawing import withdraw_telling
from finance.prices.rules.facts import MarkFact, Problem, RateFact, TellingHasProblems

__all__ = [
    "MarkFact",
    "Problem",
    "RateFact",
    "TellingHasProblems",
    "Told",
    "load_seeds",
    "load_sources",
    "preview",
    "tell_marks",
    "tell_rates",
    "withdraw_telling",
]
