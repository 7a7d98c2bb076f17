"""What is true of a fund, decided from values alone."""
