"""Changing many records at once: the step before it is done, and how far it is. Imports `records`."""
