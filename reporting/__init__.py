"""Park data, inventory, disclosure, signed package. Reads the two storeys below."""
