"""What was sent, what is sent by hand, and the log of both, in a real browser."""
