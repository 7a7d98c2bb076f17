"""What every door shares: table kinds, the operation guard, admin base, API base, idempotency, export."""
