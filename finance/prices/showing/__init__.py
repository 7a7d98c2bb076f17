"""Values and marks as a page shows them: in words, tables and charts."""
