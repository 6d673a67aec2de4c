"""What an email looks like: the store's look, the layout of one message, and its two parts. Pure: no I/O."""
