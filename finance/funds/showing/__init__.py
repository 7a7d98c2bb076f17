"""Figures of a fund in words, tables and charts."""
