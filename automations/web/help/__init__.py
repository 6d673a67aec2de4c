"""Help: the pages of docs/ that managers need, their search, and the sentences behind “?”. Imports `kit`."""
