"""A year of readings and bills with evidence: draft, submitted, checked, verified, locked."""
