"""Backup, restore, key rotation, letters with password links. Imports the line."""
