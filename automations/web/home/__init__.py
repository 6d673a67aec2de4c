"""Today, the first page; search, theme, and which store a person works in. Imports `records` and `kit`."""
