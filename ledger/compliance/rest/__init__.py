"""The compliance year for machines: what is owed, what covers it, and what is told or asked for."""
