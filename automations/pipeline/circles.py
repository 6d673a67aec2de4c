"""Before it runs: which changes an automation makes that would start it again, itself or by others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from automations.actions.changes import TARGETS, Target
from automations.engine.problem import text

Data = Mapping[str, Any]

#: The columns whose change starts an automation, by trigger; of field_changed it is the field it names.
_LISTENS = {
    "status_changed": frozenset({"status"}),
    "payment_status_changed": frozenset({"payment_status"}),
    "carrier_changed": frozenset({"delivery_status", "tracking_number"}),
}


def circles(name: str, data: Data, others: Sequence[tuple[str, Data]] = ()) -> list[str]:
    """A warning for each change that leads back here, directly or through one of the `others` by name."""
    found = [f"{what} may start this automation again." for what in _leads(data, data)]
    for other, theirs in others:
        there, back = list(_leads(data, theirs)), list(_leads(theirs, data))
        if there and back:
            chain = f"{name} → {other} → {name}"
            found.append(f"{there[0]} may start “{other}”, which may start this one again: {chain}.")
    return list(dict.fromkeys(found))


def changes_anything(data: Data) -> bool:
    """Whether any of the actions changes a record, so that a circle could be."""
    return any(True for _ in _changes(data))


def _leads(one: Data, other: Data) -> Iterator[str]:
    """The changes of one automation that the other listens to."""
    for target, value in _changes(one):
        if _hears(one, other, target, value):
            yield _words(target)


def _changes(data: Data) -> Iterator[tuple[Target, str]]:
    for action in data.get("actions") or []:
        settings = action.get("settings") or {}
        target = TARGETS.get(text(settings.get("field")))
        if action.get("kind") == "change_data" and target:
            yield target, text(settings.get("value")).strip()


def _hears(one: Data, other: Data, target: Target, value: str) -> bool:
    changed = "customer" if target.record == "customer" else text(one.get("subject"))
    trigger = other.get("trigger") or {}
    if changed != other.get("subject") or not _listens(trigger, target.column):
        return False
    return not (trigger.get("to") and value and "{" not in value and _differs(trigger["to"], value))


def _listens(trigger: Mapping[str, Any], column: str) -> bool:
    if trigger.get("key") == "field_changed":
        return trigger.get("field") in (None, "", column)
    return column in _LISTENS.get(text(trigger.get("key")), ())


def _differs(key: str, value: str) -> bool:
    """A value may be written as a key or as its label."""
    return key.casefold() != value.casefold().replace(" ", "_")


def _words(target: Target) -> str:
    label = target.label.removeprefix("Customer: ")
    whose = "the customer’s " if target.record == "customer" else "the "
    return {
        "set": f"Setting {whose}{label[:1].lower()}{label[1:]}",
        "append": f"Adding to {whose}note",
        "add": "Adding a tag",
        "remove": "Removing a tag",
    }[target.operation]
