"""Carbon repo, borrowing of units and custody: what is held, and what is ours."""
