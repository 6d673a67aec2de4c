"""What is wrong with rule data, what must be known to tell, and the small words all sentences share."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from automations.engine.subject import Field, Subject

Choices = Callable[[str], Collection[str]]
References = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to change: where ("conditions.2.value"), and a sentence."""

    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Known:
    """The subject with the store's own fields, the keys of its lists, and which ids there are."""

    subject: Subject
    choices: Choices
    references: References

    def choices_of(self, field: Field) -> Collection[str]:
        """The keys a choice field may have."""
        return self.choices(field.choices) if field.choices else field.labels


def either(labels: list[str]) -> str:
    """The labels as a choice: "a, b or c"."""
    return f"{', '.join(labels[:-1])} or {labels[-1]}" if len(labels) > 1 else "".join(labels)


def lower(label: str) -> str:
    """The label inside a sentence."""
    return label if label.isupper() else label[:1].lower() + label[1:]


def text(value: object) -> str:
    """The text, or none where it is something else."""
    return value if isinstance(value, str) else ""


def whole(value: object, least: int, most: int) -> int | None:
    """A whole number from `least` to `most` given as text or as a number; None where it is none."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 12:
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    return value if fits and isinstance(value, int) else None
