"""What shops, tills and carriers send, as it is kept, translated and merged. Imports `intake` and below."""
