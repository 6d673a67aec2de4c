"""A change of settings or fields as the end of a sentence: "changed the status of order 7 from A to B".

What has neither a value before nor after is only mentioned: the values of a record that may be a person's are
not in the audit, which cannot be erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.engine.wording.formats import joined
from automations.web.log.audit_words import SECRETS, is_nothing, name_of, value_of

#: The name of a switch -> what is done to what the entry is about.
_SWITCHES: Mapping[str, tuple[str, str]] = {"on": ("switched on", "switched off")}
#: What is kept in whole clauses: the conditions of a segment, the sentence of an expectation.
_CLAUSES = frozenset({"conditions", "sentence"})
#: Says which change was taken back, from what it was to what it had become; the entry holds the way back.
UNDONE = "undid a change of"


def changed_words(action: str, about: str, before: Any, after: Any) -> str:
    """Return what was done to what, with every value before and after."""
    if not isinstance(before, Mapping) and not isinstance(after, Mapping):
        names = after if isinstance(after, list) else []
        return (
            _named(action, about, [str(name) for name in names])
            or f"{action} {about}{_from_to(before, after)}"
        )
    old, new = (value if isinstance(value, Mapping) else {} for value in (before, after))
    if action == UNDONE:
        old, new = new, old
    # A setting that is empty and one that is not there are the same; None in both is a hidden change.
    names = [name for name in dict.fromkeys([*old, *new]) if not _was_never(name, old, new)]
    # What has values comes first: "of order 7" then belongs to all.
    names.sort(key=lambda name: is_nothing(old.get(name)) and is_nothing(new.get(name)))
    clauses = [_clause(name, old.get(name), new.get(name)) for name in names if not _is_special(name, new)]
    secrets = [f"a new {name_of(name)}" for name in names if new.get(name) in SECRETS]
    parts = [_switched(name, about, new[name]) for name in names if name in _SWITCHES and name in new]
    if clauses:
        first, *rest = clauses
        whole = f"{first[0]} of {about}{first[1]}"
        parts.append(f"{action} {joined([whole, *(''.join(one) for one in rest)])}")
    if secrets:
        to = "it" if parts else about
        parts.append(f"gave {to} {joined(secrets)}")
    return joined(parts) or f"{action} {about}"


def _was_never(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether a setting was not there and is empty, which is no change."""
    before, after = old.get(name), new.get(name)
    return is_nothing(before) and is_nothing(after) and "" in (before, after)


def _is_special(name: str, new: Mapping[str, Any]) -> bool:
    return name in _SWITCHES or new.get(name) in SECRETS


def _clause(name: str, before: Any, after: Any) -> tuple[str, str]:
    is_said = name in _CLAUSES and not (is_nothing(before) and is_nothing(after))
    return f"the {name_of(name)}", _from_to_said(before, after) if is_said else _from_to(before, after)


def _from_to(before: Any, after: Any) -> str:
    if is_nothing(before) and is_nothing(after):
        return ""
    return f" from {value_of(before)} to {value_of(after)}"


def _from_to_said(before: Any, after: Any) -> str:
    """Return the same of values that are clauses: in quotation marks, or they run together."""
    sides = [value_of(side) for side in (before, after)]
    old, new = (side if side in ("none", "nothing") else f"“{side.rstrip('.')}”" for side in sides)
    return f" from {old} to {new}"


def _switched(name: str, about: str, on: Any) -> str:
    return f"{_SWITCHES[name][0 if on else 1]} {about}"


def _named(action: str, about: str, names: list[str]) -> str:
    return f"{action} {joined([f'the {name_of(name)}' for name in names])} of {about}" if names else ""
