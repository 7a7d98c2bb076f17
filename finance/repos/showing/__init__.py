"""How agreements are shown."""
