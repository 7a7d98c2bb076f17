"""The handbooks of `docs/how-to`, read in the product: each reader hers, in her language."""
