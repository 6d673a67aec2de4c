"""EFFECTS: what each inside action does in our own database, one kind per file, found by folder."""

from automations.actions import ACTIONS
from automations.pipeline.effects.shared.effect_registry import discover

_INSIDE = frozenset(key for key, action in ACTIONS.items() if action.place == "inside")
EFFECTS = discover(__name__, __path__, _INSIDE)
