"""What is owed, what covers it, by when, and how an entity stands."""
