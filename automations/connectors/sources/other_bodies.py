"""What a body of an unknown program says: JSON or a form, and each entry of a list of records by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from automations.connectors.sources.json_paths import Path, value_at
from automations.connectors.sources.payload import NotUnderstood, json_value

MOST_FIELDS = 2_000
#: “a=b&c=d” as programs send forms: everything else is escaped.
_FORM = re.compile(r"[^\s=&{}\[\]\"<>]+(?:\[[^\s=&]*\])*=[^\s\"<>]*", re.ASCII)
_PATH = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 20


def value_of(body: bytes) -> Any:
    """Return what a body says, with exact decimals. Raises NotUnderstood.

    A name that is twice in an object has a list of what it says. A field of a form that holds JSON is what
    that says, and “order[lines][0][sku]” is a path.
    """
    text = body.decode("utf-8", "replace").strip()
    if "=" in text[:500] and _FORM.match(text):
        return _form(text)
    return json_value(body, _all_of)


def apart(data: Any, paths: dict[str, Path]) -> list[Any]:
    """Return a message once for each record in it.

    It has several if at least two values, among them the number, were picked in one entry of a list, and
    none in another entry: then each entry takes the place of that one.
    """
    path = paths.get("number", ())
    place = next((place for place, step in enumerate(path) if isinstance(step, int)), None)
    if place is None:
        return [data]
    before, picked = path[:place], int(path[place])
    inside = [one[place] for one in paths.values() if one[:place] == before and len(one) > place]
    entries = value_at(data, before)
    if len(inside) < 2 or set(inside) != {picked} or not isinstance(entries, list):
        return [data]
    if len(entries) < 2 or not all(isinstance(entry, dict) for entry in entries):
        return [data]
    return [_with(data, before, [*entries[:picked], entry, *entries[picked + 1 :]]) for entry in entries]


def _with(data: Any, path: Path, value: Any) -> Any:
    """Return a copy in which a value of objects is another."""
    if not path:
        return value
    return {**data, path[0]: _with(data[path[0]], path[1:], value)}


def _all_of(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    several: dict[str, list[Any]] = {}
    for name, value in pairs:
        several.setdefault(name, []).append(value)
    return {
        name: values[0] if all(value == values[0] for value in values) else values
        for name, values in several.items()
    }


def _form(text: str) -> Any:
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise NotUnderstood(f"The form has more than {MOST_FIELDS} fields.") from None
    pairs = [(name, _said(value)) for name, value in fields]
    tree: dict[str, Any] = {}
    for name, value in _all_of(pairs).items():
        _put(tree, name, value)
    return _lists(tree)


def _said(value: str) -> Any:
    if value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value, parse_float=Decimal, object_pairs_hook=_all_of)
    except (ValueError, RecursionError):
        return value


def _put(tree: dict[str, Any], name: str, value: Any) -> None:
    """Put a value where the name of its field says; a name that is no path stays as it is."""
    match = _PATH.fullmatch(name)
    steps = [match[1], *_BRACKETS.findall(match[2])] if match else [name]
    if steps[-1] == "" and len(steps) > 1:
        # “tags[]” has a list of all that were sent.
        steps, value = steps[:-1], value if isinstance(value, list) else [value]
    if len(steps) > _DEEPEST:
        steps = [name]
    for step in steps[:-1]:
        inner = tree.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = tree[step] = {"": inner}
        tree = inner
    tree[steps[-1]] = value


def _lists(tree: Any) -> Any:
    """Return a tree of which the objects are lists whose names count from 0."""
    if not isinstance(tree, dict):
        return tree
    parts = {name: _lists(part) for name, part in tree.items()}
    is_list = parts and list(parts) == [str(place) for place in range(len(parts))]
    return list(parts.values()) if is_list else parts
