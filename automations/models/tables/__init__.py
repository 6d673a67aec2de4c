"""The tables, one noun per file. Imports `db`, and `connectors` for types of contacts."""
