"""Before it runs: which changes lead from an automation back to itself, alone or through others."""

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
#: The key a value means in one of the store's lists, None where there is none.
KeyOf = Callable[[str, str], str | None]

#: Circles of up to so many automations are all named; of the longer ones the shortest each way.
ALL_UP_TO = 4
MOST = 20
#: Steps of the search: a store where everything leads to everything is not looked through to the end.
_PATIENCE = 20_000
_SHOWN = 40

#: Which operators a value just set can meet, if the condition's values hold it or not.
_MEETS = {"equals": True, "is_one_of": True, "changed_to": True, "not_equals": False, "is_none_of": False}


@dataclass(frozen=True)
class LoopStep:
    """An automation of a circle, and what it does that starts the next one: "status becomes Picked"."""

    automation: str
    change: str


@dataclass(frozen=True)
class Circle:
    """The first step is the automation that was asked about; the last one starts it again."""

    steps: tuple[LoopStep, ...]

    @property
    def sentence(self) -> str:
        """What to think about, without the steps."""
        if len(self.steps) == 1:
            return f"This automation may start itself again: {self.steps[0].change}."
        others = [f"“{step.automation}”" for step in self.steps[1:]]
        return f"This automation may start itself again through {', '.join(others)}."

    @property
    def chain(self) -> str:
        """The whole circle in one line."""
        links = [f"{step.automation} → {step.change}" for step in self.steps]
        return " → ".join([*links, self.steps[0].automation])


def circles(
    name: str, data: Data, others: Sequence[tuple[str, Data]] = (), key_of: KeyOf | None = None
) -> list[Circle]:
    """The circles of an automation beside the `others` by name, the shortest first, at most MOST."""
    rules = [(name, data), *((other, theirs) for other, theirs in others if changes_anything(theirs))]
    graph = _graph([theirs for _, theirs in rules], key_of or _as_key)
    back = _ways_back(graph)
    alone = [[0]] if 0 in graph[0] else []
    paths = [*alone, *_short(graph, back), *_long(graph, back)]
    return [_drawn(path, rules, graph) for path in islice(paths, MOST)]


def changes_anything(data: Data) -> bool:
    """Whether any of the actions changes a record, so that a circle could be."""
    return any(True for _ in _changes(data))


#: Place -> place of what it may start -> the change that does it.
Graph = list[dict[int, str]]


def _graph(rules: Sequence[Data], key_of: KeyOf) -> Graph:
    listening: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for place, data in enumerate(rules):
        for column in _listened(data.get("trigger") or {}):
            listening[text(data.get("subject")), column].append(place)
    found: Graph = []
    for data in rules:
        started: dict[int, str] = {}
        for target, value in _changes(data):
            changed = "customer" if target.record == "customer" else text(data.get("subject"))
            for place in (*listening[changed, target.column], *listening[changed, None]):
                if place not in started and _possible(rules[place], changed, target, value, key_of):
                    started[place] = _words(target, value)
        found.append(started)
    return found


def _ways_back(graph: Graph) -> dict[int, int]:
    """Place -> the fewest steps from there to the first."""
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
    """Every circle of 2 to ALL_UP_TO automations, in the order of their lengths."""
    patience = iter(range(_PATIENCE))
    found: list[list[int]] = []
    for length in range(2, ALL_UP_TO + 1):
        found += islice(_of_length(length, [0], graph, back, patience), MOST)
    return found


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
    """For each way to leave, the shortest circle, where it is longer than those all named."""
    for place in sorted(set(graph[0]) & back.keys(), key=lambda one: back[one]):
        if 1 + back[place] > ALL_UP_TO:
            path = [0]
            while place != 0:
                path.append(place)
                place = min(graph[place], key=lambda one: back.get(one, len(graph)))
            yield path


def _drawn(path: Sequence[int], rules: Sequence[tuple[str, Data]], graph: Graph) -> Circle:
    pairs = zip(path, [*path[1:], 0], strict=True)
    return Circle(tuple(LoopStep(rules[one][0], graph[one][following]) for one, following in pairs))


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
    """The columns whose change starts it; None for all of them."""
    key = text(trigger.get("key"))
    return (text(trigger.get("field")) or None,) if key == FIELD_CHANGED.key else WATCHED.get(key, ())


def _possible(data: Data, changed: str, target: Target, value: str, key_of: KeyOf) -> bool:
    """Whether trigger and conditions of an automation that hears the change let it fire."""
    list_key = target.list_for(changed)
    if not list_key or not value or has_fields(value):
        return True
    new = key_of(list_key, value) or _as_key("", value)
    trigger = data.get("trigger") or {}
    # A change to the value it has is none: it never comes from the value that is set.
    if trigger.get("to") not in (None, "", new) or trigger.get("from") == new:
        return False
    return all(_meets(one, target.column, new) for one in data.get("conditions") or [])


def _meets(condition: Any, column: str, new: str) -> bool:
    """Whether one condition lets the new value of a column through; a group is not looked into."""
    if not isinstance(condition, Mapping) or condition.get("field") != column:
        return True
    wanted, values = _MEETS.get(text(condition.get("operator"))), condition.get("value")
    listed = values if isinstance(values, list | tuple) else [values]
    return wanted is None or values in (None, "", []) or (new in listed) == wanted


def _as_key(_list: str, value: str) -> str:
    """A value may be written as a key or as its label."""
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
