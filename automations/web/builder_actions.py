"""An action as a card: the kind's own form, drawn by what it says about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import wtforms

from automations.actions import ACTIONS
from automations.messages.fields import SnippetGroup, fields
from automations.web.builder_controls import Option

GONE = "An action that no longer exists"


@dataclass(frozen=True)
class ActionField:
    """One field of the form and how it is drawn. A hidden one keeps what was typed."""

    field: wtforms.Field
    shape: str
    hidden: bool
    redraws: bool
    menu: Sequence[SnippetGroup]


@dataclass(frozen=True)
class Card:
    """One action. `kept` are the settings of a kind that is gone."""

    place: int
    key: str
    label: str
    icon: str
    audience: str
    fields: tuple[ActionField, ...]
    kept: tuple[tuple[str, str], ...]
    error: str
    first: bool
    last: bool


def card(
    place: int, data: Mapping[str, Any], count: int, subject_key: str, errors: Mapping[str, str]
) -> Card:
    """The card of the action at `place` of `count`; `errors` by path, "actions.0.settings.to"."""
    kind = ACTIONS.get(data["kind"])
    settings = data["settings"]
    return Card(
        place=place,
        key=data["kind"],
        label=kind.label if kind else GONE,
        icon=kind.icon if kind else "alert",
        audience=_audience(kind.contacts_customer(settings)) if kind else "",
        fields=tuple(_fields(place, data, subject_key, errors)) if kind else (),
        kept=() if kind else tuple((name, str(value)) for name, value in settings.items()),
        error=errors.get(f"actions.{place}.kind", "") or errors.get(f"actions.{place}.settings", ""),
        first=place == 0,
        last=place == count - 1,
    )


def kinds() -> list[Option]:
    """What can be added."""
    return [Option(kind.key, kind.label) for kind in ACTIONS.values()]


def _audience(contacts_customer: bool) -> str:
    return "contacts the customer" if contacts_customer else "internal only"


def _fields(
    place: int, data: Mapping[str, Any], subject_key: str, errors: Mapping[str, str]
) -> list[ActionField]:
    settings = data["settings"]
    form = ACTIONS[data["kind"]].Form(data=settings, prefix=f"actions-{place}-settings-")
    deciding = {other for other, _ in form.shown_when.values()}
    menu = fields(subject_key)
    drawn = []
    for field in form:
        name = field.short_name
        other, needed = form.shown_when.get(name, (name, settings.get(name)))
        _keep_unknown_choice(field)
        error = errors.get(f"actions.{place}.settings.{name}")
        field.errors = [error] if error else []
        drawn.append(
            ActionField(
                field=field,
                shape=_SHAPES.get(field.type, "line"),
                hidden=settings.get(other) != needed,
                redraws=name in deciding,
                menu=menu if name in form.template_fields else (),
            )
        )
    return drawn


def _keep_unknown_choice(field: wtforms.Field) -> None:
    if isinstance(field, wtforms.SelectField) and all(field.data != key for key, *_ in field.choices):
        field.choices = [*field.choices, (field.data, f"“{field.data}” (not in the list)")]


_SHAPES = {"SelectField": "list", "TextAreaField": "area"}
