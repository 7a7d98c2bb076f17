"""Futures, forwards and options on carbon units: daily variation, margin, value, hedge ratio."""
