"""Contracts and statements in words, tables and charts."""
