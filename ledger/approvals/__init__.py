"""Maker and checker; an approval is bound to the hash of what will be done."""
