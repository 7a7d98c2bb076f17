"""The bank's door: the portal `/bank/` and the API `/api/bank/v1/`.

Not a room: it holds no table and decides nothing. It mounts what pledges, attestations and
webhooks offer to a creditor under one address, one base page and one rule: her own, or nothing.
"""
