"""A problem with rule data, the context that validation needs, and helpers for its sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from automations.engine.fields.subject import Field, Subject
from automations.engine.operators.value_types import shown

Choices = Callable[[str], Collection[str]]
References = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to change: its path ("conditions.2.value") and a sentence."""

    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Known:
    """The subject with the store's custom fields, the keys of the store's lists, and the ids that exist."""

    subject: Subject
    choices: Choices
    references: References

    def choices_of(self, field: Field) -> Collection[str]:
        """Return the valid keys of a choice field."""
        return self.choices(field.choices) if field.choices else field.labels


def unknown_settings(data: Mapping[str, object], known: Collection[str], path: str) -> Iterator[Problem]:
    """Yield a problem for each key of `data` that means nothing: ignored, it would not do what it says."""
    for key in data:
        if key not in known:
            yield Problem(f"{path}.{key}", f"There is no setting {shown(key)} here; leave it out.")


def either(labels: list[str]) -> str:
    """Return the labels as a choice: "a, b or c"."""
    return f"{', '.join(labels[:-1])} or {labels[-1]}" if len(labels) > 1 else "".join(labels)


def lower(label: str) -> str:
    """Return the label as it reads inside a sentence; abbreviations stay upper case."""
    return label if label.isupper() else label[:1].lower() + label[1:]


def text(value: object) -> str:
    """Return a str unchanged and "" for any other value."""
    return value if isinstance(value, str) else ""


def whole(value: object, least: int, most: int) -> int | None:
    """Return an int or a text of digits as an int from `least` to `most`; None if it is anything else."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 12:
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    return value if fits and isinstance(value, int) else None
