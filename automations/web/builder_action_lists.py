"""What depends on the subject or the store in an action's form: entries of its lists, and suggestions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from automations.actions import due
from automations.actions.base import Settings, text_of
from automations.actions.changes import TARGETS, targets_of
from automations.models.choices import StoreWords

Pairs = list[tuple[str, str]]
#: (kind, field) of the lists with entries that only fit some subjects.
_ENTRIES: Mapping[tuple[str, str], Callable[[str], Pairs]] = {
    ("change_data", "field"): lambda subject: [(key, one.label) for key, one in targets_of(subject).items()],
    ("create_task", "due_from"): lambda subject: [
        (key, label) for key, label in due.choices() if key in (due.NEVER, due.NOW, *due.dates_of(subject))
    ],
}
#: Fields after whose change others offer something else.
DECIDING = {("change_data", "field")}


def entries(kind: str, field: str, subject_key: str) -> Pairs | None:
    """The entries of a list for this subject; None where the form's own are right."""
    fitting = _ENTRIES.get((kind, field))
    return fitting(subject_key) if fitting else None


def suggestions(
    kind: str, field: str, settings: Settings, subject_key: str, words: StoreWords
) -> tuple[str, ...]:
    """What is offered while typing: the labels of the list that the changed field has."""
    target = TARGETS.get(text_of(settings, "field"))
    if (kind, field) != ("change_data", "value") or target is None or target.type != "choice":
        return ()
    list_key = target.list_for(subject_key)
    return tuple(label for _, label in words.options(list_key)) if list_key else ()
