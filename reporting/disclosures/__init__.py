"""Frameworks as data; statements frozen for a report."""
