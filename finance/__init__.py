"""What it is worth, what is contracted, what secures what."""
