"""Green power contracts: what was agreed, metered, settled, certified and claimed."""
