"""Claims, metered generation and certificates issued from it, for machines."""
