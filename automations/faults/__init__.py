"""The places where tests kill the program. Nothing happens there otherwise; imports nothing."""
