"""Which rules fire, fast: one column of rule sets per field. Imports `rules` and below."""
