"""The starter gallery: what shops ask for most, ready to open in the builder."""

from __future__ import annotations

from collections.abc import Mapping

from automations.features.starters import starters_classic, starters_wider
from automations.features.starters.starter_parts import Starter

_ENTRIES = (*starters_wider.ENTRIES, *starters_classic.ENTRIES)
#: Every starter by its key, in the order of the gallery.
STARTERS: Mapping[str, Starter] = {entry.key: entry for entry in _ENTRIES}
