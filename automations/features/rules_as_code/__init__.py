"""Automations as files: written with names instead of ids, compared with a store, and applied to it.

Imports `authoring`.
"""
