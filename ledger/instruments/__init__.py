"""Schemes, registries, projects, plants: what a unit is and when it is valid."""
