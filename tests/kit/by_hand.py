"""Automations as a manager makes them: what is chosen and typed, by the words that stand on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Fields = Mapping[str, str]
#: Field, operator, value.
Condition = tuple[str, str, str]


class Screen(Protocol):
    """A browser, with JavaScript or without."""

    def goto(self, path: str) -> None: ...

    def put(self, label: str, value: str, area: str = "") -> None: ...

    def press(self, words: str, area: str = "") -> None: ...


@dataclass(frozen=True)
class Action:
    """One action: its kind as the list calls it, and its fields."""

    kind: str
    fields: Fields = field(default_factory=dict)
    #: When it follows, where that is not straight away: each part by its words, "when it follows" first.
    timing: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class Automation:
    """A whole one. `when` narrows the trigger or says its time; a list of conditions is an “or” group."""

    name: str
    trigger: str
    conditions: Sequence[Condition | Sequence[Condition]] = ()
    actions: Sequence[Action] = ()
    model: str = "Order"
    when: Fields = field(default_factory=dict)


def build(screen: Screen, wanted: Automation) -> None:
    """Make the draft, from nothing; the builder stays open on it."""
    screen.goto("/automations/new")
    screen.press("Start from scratch")
    screen.put("Name of the automation", wanted.name)
    if wanted.model != "Order":
        screen.put("Model", wanted.model)
    if wanted.trigger:
        screen.put("Trigger", wanted.trigger)
    for label, value in wanted.when.items():
        screen.put(label, value, "When")
    for place, entry in enumerate(wanted.conditions, 1):
        _add_conditions(screen, str(place), entry)
    for place, action in enumerate(wanted.actions, 1):
        _add_action(screen, place, action)


def publish(screen: Screen, wanted: Automation) -> None:
    """Make it and publish it."""
    build(screen, wanted)
    screen.press("Publish")


def _add_conditions(screen: Screen, number: str, entry: Condition | Sequence[Condition]) -> None:
    if entry and isinstance(entry[0], str):
        screen.press("Add condition")
        _fill_condition(screen, number, entry)
        return
    screen.press("Add “or” group")
    for place, one in enumerate(entry, 1):
        if place > 2:
            screen.press(f"Add condition to group {number}")
        _fill_condition(screen, f"{number}.{place}", one)


def _fill_condition(screen: Screen, number: str, condition: Sequence[object]) -> None:
    for part, value in zip(("field", "operator", "value"), condition, strict=False):
        screen.put(f"Condition {number} {part}", str(value))


def _add_action(screen: Screen, place: int, action: Action) -> None:
    screen.put("Kind of action to add", action.kind)
    screen.press("Add action")
    area = f"Action {place}: {action.kind}"
    for part, value in action.timing.items():
        screen.put(f"Action {place}: {part}", value, area)
    for label, value in action.fields.items():
        screen.put(label, value, area)
