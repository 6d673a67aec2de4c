"""The log as people read it: what fired, what did not and why, what comes next. Imports `scheduling`."""
