"""Activity that no meter reads: worked out by a named method from what was told, with evidence."""
