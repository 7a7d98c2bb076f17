"""HTML to PDF, JSON and XLSX from a frozen statement."""
