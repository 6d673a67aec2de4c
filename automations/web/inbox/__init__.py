"""Tasks, notifications and the built-in mailbox. Imports `records` and `kit`."""
