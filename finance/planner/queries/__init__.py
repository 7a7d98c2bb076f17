"""What the planner's pages, and later rooms, may ask."""

from finance.planner.queries.gathering import (
    HoldView,
    Terms,
    default_demands,
    entities_owing,
    gather,
    holds_of,
    next_demands,
    rules_on,
)
from finance.planner.queries.plans import (
    check_rows_match_events,
    get_plan,
    plan_of,
    plans_of,
    prices_of,
    prices_on,
    problem_of,
    scenarios_of,
)
from finance.planner.rules.planning import Act, Line, Plan, Why, YearOutcome, make_plan
from finance.planner.rules.problem import Demand, Problem
from finance.planner.rules.scenarios import Scenario, scenarios

__all__ = [
    "Act",
    "Demand",
    "HoldView",
    "Line",
    "Plan",
    "Problem",
    "Scenario",
    "Terms",
    "Why",
    "YearOutcome",
    "check_rows_match_events",
    "default_demands",
    "entities_owing",
    "gather",
    "get_plan",
    "holds_of",
    "make_plan",
    "next_demands",
    "plan_of",
    "plans_of",
    "prices_of",
    "prices_on",
    "problem_of",
    "rules_on",
    "scenarios",
    "scenarios_of",
]
