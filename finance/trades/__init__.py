"""Trades recorded, settled against delivery, and what the units cost: lots, results, entries."""
