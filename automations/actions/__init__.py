"""ACTIONS: every kind of action by key, discovered from the modules of this folder.

May import `shared`, `models` and below.
"""

from automations.actions.shared.action_registry import discover

ACTIONS = discover(__name__, __path__)
