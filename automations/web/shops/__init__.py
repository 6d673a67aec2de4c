"""Connecting shops, what came in from them, and what their words mean. Imports `kit`, `request` and below."""
