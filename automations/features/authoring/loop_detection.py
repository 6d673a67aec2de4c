"""Finds loops before they run: changes that lead from an automation back to itself, alone or through
others.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from automations.actions.change_data import has_fields
from automations.actions.shared.changeable_fields import TARGETS, Target
from automations.connectors.plain_text import one_line
from automations.engine.fields.problem import text
from automations.engine.fields.subject import CUSTOM
from automations.engine.fields.triggers import FIELD_CHANGED
from automations.pipeline.records.evaluation_context import WATCHED

Data = Mapping[str, Any]
#: Maps (list key, value) to the key of that choice in the store's list; None if there is none.
KeyOf = Callable[[str, str], str | None]

#: All loops of up to this many automations are listed; of longer ones, the shortest for each first step.
ALL_UP_TO = 4
MOST = 20
#: Most steps of the search: a store in which everything triggers everything is not searched to the end.
_PATIENCE = 20_000
_SHOWN = 40

#: Operators that a new value meets if it is among the condition's values (True) or is not (False).
_MEETS = {"equals": True, "is_one_of": True, "changed_to": True, "not_equals": False, "is_none_of": False}


@dataclass(frozen=True)
class LoopStep:
    """One automation of a loop, and the change by which it starts the next one: "status becomes Picked"."""

    automation: str
    change: str


@dataclass(frozen=True)
class Circle:
    """A loop. The first step is the automation that was asked about; the last step starts it again."""

    steps: tuple[LoopStep, ...]

    @property
    def sentence(self) -> str:
        """Return the warning, without the steps."""
        if len(self.steps) == 1:
            return f"This automation may start itself again: {self.steps[0].change}."
        others = [f"“{step.automation}”" for step in self.steps[1:]]
        return f"This automation may start itself again through {', '.join(others)}."

    @property
    def chain(self) -> str:
        """Return the whole loop in one line."""
        links = [f"{step.automation} → {step.change}" for step in self.steps]
        return " → ".join([*links, self.steps[0].automation])


def circles(
    name: str, data: Data, others: Sequence[tuple[str, Data]] = (), key_of: KeyOf | None = None
) -> list[Circle]:
    """Return the loops of an automation, alone or with the `others` (name, data), shortest first, at
    most MOST.
    """
    rules = [(name, data), *((other, theirs) for other, theirs in others if changes_anything(theirs))]
    graph = _graph([theirs for _, theirs in rules], key_of or _as_key)
    back = _ways_back(graph)
    alone = [[0]] if 0 in graph[0] else []
    paths = [*alone, *_short(graph, back), *_long(graph, back)]
    return [_drawn(path, rules, graph) for path in islice(paths, MOST)]


def changes_anything(data: Data) -> bool:
    """Return whether any action changes a record, which a loop needs."""
    return any(True for _ in _changes(data))


#: For each automation, by position: the positions of those it may start, each with the change that does it.
Graph = list[dict[int, str]]


def _graph(rules: Sequence[Data], key_of: KeyOf) -> Graph:
    listening: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for place, data in enumerate(rules):
        for column in _listened(data.get("trigger") or {}):
            listening[text(data.get("subject")), column].append(place)
    graph: Graph = []
    for data in rules:
        started: dict[int, str] = {}
        for target, value in _changes(data):
            changed = "customer" if target.record == "customer" else text(data.get("subject"))
            for place in (*listening[changed, target.column], *listening[changed, None]):
                if place not in started and _possible(rules[place], changed, target, value, key_of):
                    started[place] = _words(target, value)
        graph.append(started)
    return graph


def _ways_back(graph: Graph) -> dict[int, int]:
    """Return, by position, the fewest steps from there back to the first automation."""
    before: defaultdict[int, list[int]] = defaultdict(list)
    for place, started in enumerate(graph):
        for other in started:
            before[other].append(place)
    steps, line = {0: 0}, deque([0])
    while line:
        place = line.popleft()
        for other in before[place]:
            if other not in steps:
                steps[other] = steps[place] + 1
                line.append(other)
    return steps


def _short(graph: Graph, back: Mapping[int, int]) -> list[list[int]]:
    """Return every loop of 2 to ALL_UP_TO automations, shortest first."""
    patience = iter(range(_PATIENCE))
    paths: list[list[int]] = []
    for length in range(2, ALL_UP_TO + 1):
        paths += islice(_of_length(length, [0], graph, back, patience), MOST)
    return paths


def _of_length(
    length: int, path: list[int], graph: Graph, back: Mapping[int, int], patience: Iterator[int]
) -> Iterator[list[int]]:
    for place in graph[path[-1]]:
        if next(patience, None) is None:
            return
        if place == 0 and len(path) == length:
            yield path
        elif place not in path and len(path) + back.get(place, length) <= length:
            yield from _of_length(length, [*path, place], graph, back, patience)


def _long(graph: Graph, back: Mapping[int, int]) -> Iterator[list[int]]:
    """Yield, for each first step, its shortest loop if that is longer than ALL_UP_TO."""
    for place in sorted(set(graph[0]) & back.keys(), key=lambda other: back[other]):
        if 1 + back[place] > ALL_UP_TO:
            path = [0]
            while place != 0:
                path.append(place)
                place = min(graph[place], key=lambda other: back.get(other, len(graph)))
            yield path


def _drawn(path: Sequence[int], rules: Sequence[tuple[str, Data]], graph: Graph) -> Circle:
    pairs = zip(path, [*path[1:], 0], strict=True)
    return Circle(
        tuple(LoopStep(rules[current][0], graph[current][following]) for current, following in pairs)
    )


def _changes(data: Data) -> Iterator[tuple[Target, str]]:
    for action in data.get("actions") or []:
        settings = action.get("settings") or {}
        key = text(settings.get("field"))
        target = TARGETS.get(key)
        if key.startswith(CUSTOM):
            target = Target(key, f"field “{key.removeprefix(CUSTOM)}”", key, ())
        if action.get("kind") == "change_data" and target:
            yield target, text(settings.get("value")).strip()


def _listened(trigger: Mapping[str, Any]) -> Iterable[str | None]:
    """Return the columns whose change starts the automation; None means any column."""
    key = text(trigger.get("key"))
    return (text(trigger.get("field")) or None,) if key == FIELD_CHANGED.key else WATCHED.get(key, ())


def _possible(data: Data, changed: str, target: Target, value: str, key_of: KeyOf) -> bool:
    """Return whether the trigger and conditions of an automation let it fire on this change."""
    list_key = target.list_for(changed)
    if not list_key or not value or has_fields(value):
        return True
    new = key_of(list_key, value) or _as_key("", value)
    trigger = data.get("trigger") or {}
    # Setting a field to its present value is no change, so the new value is never the previous one.
    if trigger.get("to") not in (None, "", new) or trigger.get("from") == new:
        return False
    return all(_meets(condition, target.column, new) for condition in data.get("conditions") or [])


def _meets(condition: Any, column: str, new: str) -> bool:
    """Return whether a condition can hold for the new value of a column; groups count as true."""
    if not isinstance(condition, Mapping) or condition.get("field") != column:
        return True
    wanted, values = _MEETS.get(text(condition.get("operator"))), condition.get("value")
    listed = values if isinstance(values, list | tuple) else [values]
    return wanted is None or values in (None, "", []) or (new in listed) == wanted


def _as_key(_list: str, value: str) -> str:
    """Return the key of a value, which may be written as a key or as its label."""
    return value.casefold().replace(" ", "_")


def _words(target: Target, value: str) -> str:
    label = target.label.removeprefix("Customer: ")
    of_customer = target.record == "customer"
    name = f"the customer’s {label[:1].lower()}{label[1:]}" if of_customer else label[:1].lower() + label[1:]
    shown = one_line(value, _SHOWN)
    return {
        "set": f"{name} changes" if has_fields(value) or not shown else f"{name} becomes {shown}",
        "append": f"{'the customer’s' if of_customer else 'the'} note is added to",
        "add": f"tag “{shown}” is added",
        "remove": f"tag “{shown}” is removed",
    }[target.operation]
