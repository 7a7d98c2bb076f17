"""Holds, orders of courts and transfers on their way, for machines."""
