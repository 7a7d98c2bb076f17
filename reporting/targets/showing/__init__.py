"""Targets as people read them."""
