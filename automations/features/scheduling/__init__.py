"""Time triggers: the scan for what is due, and runs started by hand. Imports the line."""
