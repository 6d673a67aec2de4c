"""Automations as files."""
