"""Values that everybody uses: quantities, money, periods, serial ranges, refusals. Pure Python."""
