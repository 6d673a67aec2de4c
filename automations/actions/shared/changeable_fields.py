"""The fields that change_data may change: one table for the form, check, summary and effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from automations.engine.fields.problem import lower
from automations.engine.fields.stored import Stored
from automations.engine.fields.subject import CUSTOM, Field
from automations.engine.fields.subjects import SUBJECTS

Operation = Literal["set", "append", "add", "remove"]


@dataclass(frozen=True)
class Target:
    """One field that can be changed. `record` is "record" for the order or event itself, or "customer"."""

    key: str
    label: str
    column: str
    subjects: tuple[str, ...]
    record: Literal["record", "customer"] = "record"
    operation: Operation = "set"
    type: str = "text"
    #: Subject -> the list a choice comes from.
    choices: Mapping[str, str] | None = None
    #: The custom field it sets, if any.
    own: Field | None = None
    #: What a value that is yes or no is called, and the range of a whole number.
    yes_no: tuple[str, str] = ("yes", "no")
    least: int = 0
    most: int = 1_000_000

    def list_for(self, subject: str) -> str:
        return (self.choices or {}).get(subject, "")


#: The column that holds the values of the custom fields.
OWN = CUSTOM.rstrip(".")
#: The accepted words for a yes-or-no value.
YES_NO = {"yes": True, "given": True, "no": False, "not given": False}
_CUSTOMERS = "customer"
#: The types of stored fields to which a whole value is given.
_SET = frozenset({"choice", "text", "number", "money", "date", "bool"})


def _targets() -> dict[str, Target]:
    """Return the targets that the entries of all subjects offer, by key; those of the customer come last."""
    offered: dict[str, tuple[int, Target]] = {}
    for key, subject in SUBJECTS.items():
        for entry, places in subject.placed("change"):
            of_customer = key == _CUSTOMERS
            for target in _offered(entry, places, tuple(SUBJECTS) if of_customer else (key,)):
                _, previous = offered.get(target.key, (0, None))
                offered[target.key] = (
                    places.change or 0,
                    _together(previous, target) if previous else target,
                )
    ordered = sorted(offered.values(), key=lambda pair: (pair[1].record == "customer", pair[0]))
    return {target.key: target for _, target in ordered}


def _offered(entry: Field, places: Stored, subjects: tuple[str, ...]) -> Iterator[Target]:
    """Yield the targets of one entry: two for tags, none for a type that no action can write."""
    of_customer = len(subjects) > 1
    prefix, column = f"{_CUSTOMERS}." if of_customer else "", entry.column

    def target(ending: str, label: str, operation: Operation, type: str) -> Target:
        words = f"Customer: {lower(label)}" if of_customer else label
        record: Literal["record", "customer"] = "customer" if of_customer else "record"
        lists = dict.fromkeys(subjects, entry.choices) if entry.choices else None
        words_of_yes = (entry.labels.get("yes", "yes"), entry.labels.get("no", "no"))
        made = Target(f"{prefix}{entry.key}{ending}", words, column, subjects, record, operation, type, lists)
        return replace(made, yes_no=words_of_yes, most=places.most, least=places.least)

    if entry.type == "tags":
        yield target(".add", "Add a tag", "add", "tag")
        yield target(".remove", "Remove a tag", "remove", "tag")
    elif places.long:
        yield target("", f"Add to the {lower(entry.label)}", "append", "text")
    elif entry.type in _SET:
        yield target("", entry.label, "set", "email" if entry.key == "email" else entry.type)


def _together(target: Target, other: Target) -> Target:
    """Return the target of both subjects; raises ValueError if fields with this key differ."""
    if (target.label, target.type, target.column) != (other.label, other.type, other.column):
        raise ValueError(f"Two subjects have a field {target.key!r}, and they differ.")
    lists = {**(target.choices or {}), **(other.choices or {})} or None
    return replace(target, subjects=target.subjects + other.subjects, choices=lists)


TARGETS: Mapping[str, Target] = _targets()


def targets_of(subject: str, custom: Mapping[str, Field] | None = None) -> dict[str, Target]:
    """Return what an automation about `subject` may change, by key, including its custom fields."""
    targets = {key: target for key, target in TARGETS.items() if subject in target.subjects}
    return targets | {key: _own(key, field, subject) for key, field in (custom or {}).items()}


def _own(key: str, field: Field, subject: str) -> Target:
    return Target(key, field.label, OWN, (subject,), type=field.type, own=field)
