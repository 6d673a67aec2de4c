"""Names that stand twice in one object of a JSON text: which of the two is meant is not for us to guess."""

from __future__ import annotations

import json
import re
from typing import Any

from automations.engine.rules.rule_check import Problem

_SPACED = re.compile(rb'"\s+:')


def problems(body: bytes, data: Any) -> list[Problem]:
    """Every name that stands twice in `body`, of which `data` is what was read."""
    # Reading is done in C and keeps the last of two: then there are fewer names than colons behind quotes.
    # A text may hold such a colon too; only then is the whole body read again, slowly.
    if body.count(b'":') == _names(data) and not _SPACED.search(body):
        return []
    try:
        again = json.loads(body, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
    except RecursionError:
        return [Problem("", "Is nested too deeply.")]
    return sorted(_twice(again), key=lambda problem: problem.path)


class _Pairs(list[tuple[str, Any]]):
    """An object with all of its names."""


def _names(data: Any) -> int:
    count, left = 0, [data]
    while left:
        value = left.pop()
        if value.__class__ is dict:
            count += len(value)
            left += value.values()
        elif value.__class__ is list:
            left += value
    return count


def _twice(data: Any) -> list[Problem]:
    found, left = [], [("", data)]
    while left:
        path, value = left.pop()
        if isinstance(value, _Pairs):
            seen: set[str] = set()
            for name, part in value:
                place = f"{path}.{name}".strip(".")
                if name in seen:
                    found.append(Problem(place, "Stands twice. Send it once."))
                seen.add(name)
                left.append((place, part))
        elif isinstance(value, list):
            left += [(f"{path}.{place}".strip("."), part) for place, part in enumerate(value)]
    return found
