"""From a frozen statement to HTML, PDF and JSON: same statement, same bytes."""
