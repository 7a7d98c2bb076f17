"""Registry statements held against our books, range by range; breaks worked to closure."""
