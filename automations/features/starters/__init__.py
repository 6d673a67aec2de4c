"""The gallery of starters: automations that are one click away. Imports `engine` only."""
