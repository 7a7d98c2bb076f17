"""Evidence files: sniffed, limited, hashed, scanned, stored."""
