"""Activity times factor: emissions by gas, scope and category; frozen, restated."""
