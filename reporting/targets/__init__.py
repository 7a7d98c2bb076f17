"""Reduction targets: paths, stages and peaks, how far the park has come, and why."""
