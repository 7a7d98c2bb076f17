"""What units are worth: sources, daily marks, exchange rates, and the value of holdings by them."""
