"""Targets as sums on values. Rates and shares are parameters; nothing here is a rule number."""
