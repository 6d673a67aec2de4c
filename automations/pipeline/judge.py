"""Which automations fire on an occurrence. Before: receive. After: relay."""

from __future__ import annotations


def forget() -> None:
    """Drop every cached index."""
