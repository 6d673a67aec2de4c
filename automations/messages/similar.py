"""Suggestions for misspelt words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean X?" with a leading space, or "" if no word is close."""
    near = difflib.get_close_matches(word[:80], sorted(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""
