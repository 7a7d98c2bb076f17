"""Composition root: settings, addresses, the queue, wiring between storeys."""
