"""What a plan is made of, the exact solver, and what follows from its answer."""
