"""Backup, restore, key rotation, emails with password links. Imports the line."""
