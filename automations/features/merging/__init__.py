"""Two customers made one, undone within 30 days, and who may be the same person. Imports the line."""
