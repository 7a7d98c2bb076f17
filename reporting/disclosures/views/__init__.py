"""Pages: what each framework still lacks, and what the years say of a park and its enterprises."""
