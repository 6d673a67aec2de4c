"""Fields that may be empty in what a draft sends; they do not keep it from being published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automations.engine.rules.rule import Problem
from automations.features.trial.empty_lately import empty_lately
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.web.builder.problem_places import ToDo


def empty_fields_of(
    store: Store, words: StoreWords, data: Mapping[str, Any], problems: Sequence[Problem]
) -> list[ToDo]:
    """Return a sentence for each field its actions show that was empty lately, with the action to look at."""
    several = len(data["actions"]) > 1
    return [
        ToDo(f"actions-{one.place}", f"Action {one.place + 1}: {one.sentence}" if several else one.sentence)
        for one in empty_lately(db.session(), store, words, data, problems)
    ]
