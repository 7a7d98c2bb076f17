"""How contracts are shown."""
