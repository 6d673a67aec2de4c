"""Imports records from CSV files of shops and of our own: kept, read, shown, then taken in chunks."""
