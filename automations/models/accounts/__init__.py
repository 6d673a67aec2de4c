"""Finding accounts by name. Imports `settings` and below."""
