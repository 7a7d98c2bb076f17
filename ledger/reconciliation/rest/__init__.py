"""Statements, comparisons and breaks for machines; what a person must decide is asked for."""
