"""The words by which records are found: keeping them, and finding by them. Imports the line's records."""
