"""The national method (发改环资〔2025〕910号, annexes 3 and 4) as sums on values."""
