"""Pure rules of obligations, allocation and standing."""
