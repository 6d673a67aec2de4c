"""Records as rows of a CSV file: the columns that exports write, templates show and imports read back."""
