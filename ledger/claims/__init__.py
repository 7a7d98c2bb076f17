"""One MWh or tonne, one claim, across every kind of instrument."""
