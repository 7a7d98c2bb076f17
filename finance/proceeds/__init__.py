"""Use of proceeds: money raised, what it was allocated to, how it was spent and what it did."""
