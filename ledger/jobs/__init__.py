"""The outbox and the job table: what runs later, its progress, its errors."""
