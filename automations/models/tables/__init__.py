"""The tables, one noun per file. Imports `db`."""
