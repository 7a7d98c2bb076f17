"""Parks, boundaries, tenants, sources, meters."""
