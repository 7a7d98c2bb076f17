"""What is looked at in a park's year of data, and what is odd about it."""

from reporting.activity.checking.catalogue import Check, catalogue, check_names, scores
from reporting.activity.checking.finding import CHANGED, Found, find_all

__all__ = ["CHANGED", "Check", "Found", "catalogue", "check_names", "find_all", "scores"]
