"""Webhooks: what a party's machine is told at once, signed, tried again, and logged."""
