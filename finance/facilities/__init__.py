"""Credit that a bank grants: drawn, repaid, its interest to the cent, its use with evidence."""
