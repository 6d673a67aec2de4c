"""Settings, one page per file. Imports `records` and `kit`."""
