"""Pure rules of prices: what may be told, limits of the day, and what a holding is worth."""
