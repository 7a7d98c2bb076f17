"""Loads the demonstration park through the product's own operations, as its people would."""
