"""From what a park received, burnt and made to what it is told about itself."""
