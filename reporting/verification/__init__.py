"""Engagements, findings, opinions bound to one hash."""
