"""Finding accounts by name, and what uses them. Imports `settings` and below."""
