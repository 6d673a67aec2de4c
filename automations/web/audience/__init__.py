"""Segments, campaigns and unsubscribing. Imports `builder` and `kit`."""
