"""Which factor an activity takes: the one place that knows how the factors room is asked."""
