"""The verifier's door: the site `/verifier/`.

Not a room: it holds no table and decides nothing. It mounts what verification offers to a
verification body under one address, one base page and one rule: her engagements, or nothing.
"""
