"""What exists and who holds it. Knows nothing of loans or reports."""
