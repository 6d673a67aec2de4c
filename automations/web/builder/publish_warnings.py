"""Warnings that do not keep a draft from being published: possible circles, and fields that may be empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from automations.engine.rules.rule import Problem
from automations.features.authoring.loop_detection import Circle, changes_anything, circles
from automations.features.trial.empty_lately import empty_lately
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.store import Store
from automations.web.builder.problem_places import ToDo

#: At most this many other live automations are searched for a circle.
LOOKED_AT = 500
NO_CIRCLE = "No loop: no action here starts this automation again."


@dataclass(frozen=True)
class Warnings:
    """The possible circles, or a sentence that says none were found."""

    circles: tuple[Circle, ...]
    fine: str


def warnings(
    store: Store, automation: Automation, name: str, data: Mapping[str, Any], words: StoreWords
) -> Warnings:
    """Return the circles the draft's changes could cause, alone or with other live automations."""
    if not changes_anything(data):
        return Warnings((), "")
    possible = tuple(circles(name, data, _others(store, automation), words.key_for))
    return Warnings(possible, "" if possible else NO_CIRCLE)


def empty_fields_of(
    store: Store, words: StoreWords, data: Mapping[str, Any], problems: Sequence[Problem]
) -> list[ToDo]:
    """Return a sentence for each field its actions show that was empty lately, with the action to look at."""
    several = len(data["actions"]) > 1
    return [
        ToDo(f"actions-{one.place}", f"Action {one.place + 1}: {one.sentence}" if several else one.sentence)
        for one in empty_lately(db.session(), store, words, data, problems)
    ]


def _others(store: Store, automation: Automation) -> list[tuple[str, Mapping[str, Any]]]:
    live = sa.select(Version.name, Version.definition).join(
        Automation, Automation.active_version_id == Version.id
    )
    others = live.where(Automation.store_id == store.id, Automation.id != automation.id)
    rows = db.session.execute(others.order_by(Automation.position).limit(LOOKED_AT))
    return [(name, definition) for name, definition in rows]
