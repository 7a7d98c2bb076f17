"""How plans are said, drawn and laid out."""
