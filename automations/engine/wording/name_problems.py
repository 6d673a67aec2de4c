"""What is wrong with a name that somebody typed."""

from __future__ import annotations


def name_problem(name: str, longest: int, thing: str) -> str:
    """Return what to change of the name of a `thing`, "the filter" or "it"; "" if it is fine."""
    if not name:
        return f"Give {thing} a name."
    return f"Shorten the name to {longest} characters; it has {len(name)}." if len(name) > longest else ""
