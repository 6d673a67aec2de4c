"""One field of an action's form as the builder draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import wtforms

from automations.messages.message_fields import SnippetGroup


@dataclass(frozen=True)
class ActionField:
    """One field of the form and how it is drawn. A hidden field keeps what was typed."""

    field: wtforms.Field
    shape: str
    look: str
    hidden: bool
    redraws: bool
    menu: Sequence[SnippetGroup]
    suggestions: Sequence[str] = ()
    #: The (value, label) entries it is chosen from; empty where it is typed.
    choices: Sequence[tuple[str, str]] = ()
    hint: str = ""
    #: Whether most actions leave it as it is: the page folds these away together.
    optional: bool = False


def looks_of(field: wtforms.Field) -> tuple[str, str]:
    """Return the shape of a field and the class of its control."""
    return _SHAPES.get(field.type, ("line", "form-control"))


_SHAPES = {
    "SelectField": ("list", "form-select"),
    "TextAreaField": ("area", "form-control"),
    "BooleanField": ("box", "form-check-input"),
}
