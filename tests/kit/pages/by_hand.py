"""Automations built as a manager builds them: chosen and typed by the labels on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from automations.web.builder.action_lists import WITH_FIELDS

Fields = Mapping[str, str]
#: Field, operator, value; several values are ticked.
Condition = tuple[str, str, str | tuple[str, ...]]


class Screen(Protocol):
    """A browser, with or without JavaScript."""

    def goto(self, path: str) -> None: ...

    def put(self, label: str, value: str, area: str = "") -> None: ...

    def tick(self, label: str, area: str = "") -> None: ...

    def press(self, words: str, area: str = "") -> None: ...

    def follow(self, words: str) -> None: ...


@dataclass(frozen=True)
class Action:
    """One action: its kind as listed on the page, and its fields by label."""

    kind: str
    fields: Fields = field(default_factory=dict)
    #: Its timing, unless it follows at once: values by label, “when it follows” first.
    timing: Fields = field(default_factory=dict)
    #: Fields that stand as a list until a text is asked for: their texts by label.
    texts: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class Automation:
    """A whole automation. `when` narrows the trigger or sets its time.

    A list among the conditions is an “or” group.
    """

    name: str
    trigger: str
    conditions: Sequence[Condition | Sequence[Condition]] = ()
    actions: Sequence[Action] = ()
    model: str = "Order"
    when: Fields = field(default_factory=dict)


def build(screen: Screen, wanted: Automation) -> None:
    """Create the draft from scratch and leave the builder open on it."""
    screen.goto("/automations/new")
    screen.follow("Start from scratch")
    screen.put("Name of the automation", wanted.name)
    if wanted.model != "Order":
        screen.put("Kind of record", wanted.model)
    if wanted.trigger:
        screen.put("Trigger", wanted.trigger)
    for label, value in wanted.when.items():
        screen.put(label, value, "When")
    for place, entry in enumerate(wanted.conditions, 1):
        _add_conditions(screen, str(place), entry)
    for place, action in enumerate(wanted.actions, 1):
        _add_action(screen, place, action)


def publish(screen: Screen, wanted: Automation) -> None:
    """Create the automation and publish it."""
    build(screen, wanted)
    publish_what_is_open(screen)


def ask_to_publish(screen: Screen, wanted: Automation) -> None:
    """Create the automation and ask for its review; the page says what is wrong with it, if anything is."""
    build(screen, wanted)
    screen.press("Publish…")


def publish_what_is_open(screen: Screen) -> None:
    """Publish the automation whose rule is open, through the review."""
    screen.press("Publish…")
    screen.press("Publish version")


def _add_conditions(screen: Screen, number: str, entry: Condition | Sequence[Condition]) -> None:
    if entry and isinstance(entry[0], str):
        screen.press("Add condition")
        _fill_condition(screen, number, entry)
        return
    screen.press("Add “or” group")
    for place, condition in enumerate(entry, 1):
        if place > 2:
            screen.press(f"Add condition to group {number}")
        _fill_condition(screen, f"{number}.{place}", condition)


def _fill_condition(screen: Screen, number: str, condition: Sequence[object]) -> None:
    for part, value in zip(("field", "operator", "value"), condition, strict=False):
        if isinstance(value, tuple):
            for label in value:
                screen.tick(label)
        else:
            screen.put(f"Condition {number} {part}", str(value))


def _add_action(screen: Screen, place: int, action: Action) -> None:
    screen.put("Kind of action to add", action.kind)
    screen.press("Add action")
    area = f"Action {place}: {action.kind}"
    for part, value in action.timing.items():
        screen.put(f"Action {place}: {part}", value, area)
    for label, value in action.fields.items():
        screen.put(label, value, area)
    for label, text in action.texts.items():
        screen.put(label, WITH_FIELDS, area)
        screen.put(label, text, area)
