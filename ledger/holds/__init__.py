"""Units set aside: place, then release, capture or expire; rank and waiting list."""
