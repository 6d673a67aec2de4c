"""Today, the first page; theme, and which store a person works in. Imports `records` and `kit`."""
