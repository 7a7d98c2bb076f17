"""What other rooms may ask about hedges."""

from finance.hedges.rules.options import Option, Right, Valued, payoff
from finance.hedges.rules.options import value as value_option

__all__ = ["Option", "Right", "Valued", "payoff", "value_option"]
