"""Pure rules of hedges: prices of options, variation, margin, and what is hedged of a gap."""
