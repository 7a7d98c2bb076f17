"""Trades, cost lots and entries in words, tables and charts."""
