"""Segments and campaigns. Imports `authoring`."""
