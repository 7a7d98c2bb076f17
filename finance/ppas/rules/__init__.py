"""What decides from values alone: quantities, money, terms, meter rows."""
