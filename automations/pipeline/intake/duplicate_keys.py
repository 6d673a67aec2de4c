"""Finds duplicate names in the objects of a JSON text: such a body is refused, not guessed at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from automations.engine.rules.rule_check import Problem

_SPACED = re.compile(rb'"\s+:')


def problems(body: bytes, data: Any) -> list[Problem]:
    """Return a problem for each duplicate name in `body`, which was decoded to `data`."""
    # The decoder keeps the last of two equal names: then there are fewer names than colons after quotes.
    # A text may hold such a colon too, so a difference only means decoding the whole body again, slowly.
    if body.count(b'":') == _names(data) and not _SPACED.search(body):
        return []
    try:
        pairs = json.loads(body, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
    except RecursionError:
        return [Problem("", "Is nested too deeply.")]
    return sorted(_twice(pairs), key=lambda problem: problem.path)


class _Pairs(list[tuple[str, Any]]):
    """An object with all of its names, duplicates included."""


def _names(data: Any) -> int:
    count = 0
    pending: list[Iterable[Any]] = [[data]]
    while pending:
        for value in pending.pop():
            if value.__class__ is dict:
                count += len(value)
                pending.append(value.values())
            elif value.__class__ is list:
                pending.append(value)
    return count


def _twice(data: Any) -> list[Problem]:
    duplicates, pending = [], [("", data)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, _Pairs):
            seen: set[str] = set()
            for name, part in value:
                place = f"{path}.{name}".strip(".")
                if name in seen:
                    duplicates.append(Problem(place, "Is there twice. Send it once."))
                seen.add(name)
                pending.append((place, part))
        elif isinstance(value, list):
            pending += [(f"{path}.{place}".strip("."), part) for place, part in enumerate(value)]
    return duplicates
