"""The calculation: activity times factor, gas by gas. Pure, exact, and rounds nothing."""
