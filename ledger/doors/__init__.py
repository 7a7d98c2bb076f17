"""What every door shares: table kinds, the operation guard, admin and API bases, export."""
