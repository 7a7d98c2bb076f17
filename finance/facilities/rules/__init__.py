"""Interest, rates and schedules, from values alone."""
