"""Typed registry accounts; which transaction may run between which types."""
