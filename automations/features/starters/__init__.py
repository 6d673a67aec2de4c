"""The gallery of starters: automations that are one click away. Imports `actions` only."""
