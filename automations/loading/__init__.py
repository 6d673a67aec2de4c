"""How modules that take much memory and are seldom needed are loaded at their first use."""
