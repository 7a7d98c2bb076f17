"""Funds: whose money, how much of it is called, drawn and given back, and what a share is worth."""
