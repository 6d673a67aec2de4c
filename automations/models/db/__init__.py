"""The database itself: sessions, column types, ids, fast statements, schema, backups. Imports no table."""
