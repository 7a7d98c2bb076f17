"""The cheapest cover of a compliance gap: holdings, prices, caps, pledges, deadlines."""
