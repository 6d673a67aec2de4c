"""Why an edit of a record cannot be taken back."""

from __future__ import annotations

from typing import Any

from automations.engine.fields.problem import lower
from automations.engine.fields.subject import CUSTOM
from automations.engine.wording.formats import joined
from automations.models.access.undo_steps import CannotUndo
from automations.models.settings.choices import StoreWords
from automations.pipeline.records import edited_values

ERASED = "What was there before was erased with its customer, so nothing was undone."
GONE = "This record is no longer there, so nothing was undone."


def refuse_changed_since(words: StoreWords, subject: str, after: dict[str, Any], now: dict[str, Any]) -> None:
    """Raise CannotUndo, naming them, if some values are no longer as the edit left them."""
    since = edited_values.changed_since(after, now)
    if since:
        labels = joined([_label(words, subject, name) for name in since])
        verb = "was" if len(since) == 1 else "were"
        raise CannotUndo(f"The {labels} {verb} changed in the meantime, so nothing was undone.")


def refuse_lost_choices(words: StoreWords, subject: str, values: dict[str, Any]) -> None:
    """Raise CannotUndo if a value is a choice that has left its list."""
    columns = words.subject(subject).columns
    for name, value in values.items():
        key = columns[name].choices if name in columns else None
        if key and value is not None and value not in words.choices(str(key)):
            choice = words.choice(str(key), value)
            raise CannotUndo(f"“{choice}” is no longer in its list, so nothing was undone.")


def _label(words: StoreWords, subject: str, name: str) -> str:
    entry = words.custom_ever(subject).get(name) if name.startswith(CUSTOM) else None
    entry = entry or words.subject(subject).columns.get(name)
    return lower(entry.label) if entry else name.removeprefix(CUSTOM).replace("_", " ")
