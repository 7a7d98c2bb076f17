"""Registries' files from machines: read first, then taken in whole or not at all."""
