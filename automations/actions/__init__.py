"""ACTIONS: every kind of action by key, found by folder."""

from automations.actions.registry import discover

ACTIONS = discover(__name__, __path__)
