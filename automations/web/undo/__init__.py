"""Taking back what was just done: the address behind each Undo. Imports the pages of what can be undone."""
