"""Exporting and erasing everything about one customer. Imports the line."""
