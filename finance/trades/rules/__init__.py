"""What can be decided from values alone: amounts, price limits, cost lots, entries, matches."""
