"""Loan to value, top-up, headroom and the waterfall, from values alone."""
