"""Attestations of pledges: signed answers to one creditor, which she checks without our server."""
