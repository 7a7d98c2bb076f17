"""How a pledge is drawn and tabled."""
