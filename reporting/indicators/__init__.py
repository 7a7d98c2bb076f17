"""The national zero-carbon-park method: what a park emits and uses, and how it stands by it."""
