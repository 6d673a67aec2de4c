"""Forms of settings that were also saved elsewhere: what they show, and what is said beside their fields."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm

from automations.web.kit.open_twice import Opened

#: Fields that show nothing of what is stored.
_UNSEEN = ("CSRFTokenField", "FileField", "PasswordField")


def shown_by(form: FlaskForm) -> dict[str, str]:
    """Return what the fields of a form show, as a browser sends it."""
    return {field.name: _shown(field) for field in form if field.type not in _UNSEEN}


def refusal_of(form: FlaskForm, opened: Opened) -> int:
    """Validate a form, and say beside each field what it was changed to elsewhere.

    Return the status with which to refuse it, 0 if it can be saved.
    """
    is_valid = form.validate()
    for name, now in opened.clashes.items():
        field = form[name]
        field.errors = [*field.errors, changed_elsewhere(_in_words(field, now))]
    return 422 if not is_valid else 409 if opened.clashes else 0


def changed_elsewhere(now: str) -> str:
    """Return the sentence about a field that somebody changed to `now` since the form was opened."""
    became = f"changed to “{now}”" if now else "emptied"
    return f"This was {became} after you opened this page. Save again to replace that with yours."


def _shown(field: Any) -> str:
    if field.type == "BooleanField":
        return "y" if field.data else ""
    if field.type == "SelectField":
        return str(field.data or "")
    return str(field._value())


def _in_words(field: Any, now: str) -> str:
    if field.type == "BooleanField":
        return "yes" if now else "no"
    if field.type == "SelectField":
        return next((str(choice.label) for choice in field.iter_choices() if choice.value == now), now)
    return now
