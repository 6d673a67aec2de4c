"""Orders, events, customers and accounts: lists, forms, and the log of each record. Imports `kit`."""
