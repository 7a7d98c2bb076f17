"""Emission factors with purpose, date and source; GWP sets."""
