"""The Checks card: what is missing, what is wrong, what overlaps, and what is well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.features.checks.all_checks import checks_at_once, checks_of_the_past
from automations.features.checks.check import Check, sorted_checks
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from automations.web.builder import problem_places
from automations.web.builder.problem_places import ToDo
from automations.web.kit.permissions import may

ENDPOINT = "automation_past_checks.create"


@dataclass(frozen=True)
class ChecksCard:
    """The entries of the card, what stops first, what is well last."""

    #: What is missing or wrong in the form, each with the control to mend it.
    to_do: Sequence[ToDo]
    checks: Sequence[Check]
    #: Whether the past is still to be read; the page asks for it once it is shown.
    waits: bool
    ids: frozenset[str]

    @property
    def serious(self) -> list[Check]:
        """The checks that someone should look at."""
        return [check for check in self.checks if check.level != "ok"]

    @property
    def well(self) -> list[Check]:
        """What was checked and is well."""
        return [check for check in self.checks if check.level == "ok"]

    @property
    def head(self) -> tuple[str, str] | None:
        """The count of the worst, in words, with its tone; None if all is well."""
        if count := len(self.to_do) + sum(1 for check in self.checks if check.level == "stop"):
            return f"{count} {'stops' if count == 1 else 'stop'} publishing", "stop"
        count = len(self.serious)
        return (f"{count} {'warning' if count == 1 else 'warnings'}", "warn") if count else None

    @property
    def ready(self) -> bool:
        """Whether nothing keeps it from working."""
        return not self.head or self.head[1] != "stop"

    def of_action(self, place: int) -> list[Check]:
        """Return what keeps the action at this place from working."""
        return [check for check in self.checks if place in check.actions]

    def anchor(self, place: str) -> str:
        """Return the id on the page of a condition or an action, "conditions-0" or "actions-1"."""
        return problem_places.target(place.replace("-", "."), self.ids)


def checks_card(
    store: Store,
    automation: Automation,
    name: str,
    data: Mapping[str, Any],
    words: StoreWords,
    to_do: Sequence[ToDo],
    ids: frozenset[str],
    past: bool,
) -> ChecksCard:
    """Return the card of a draft. With `past`, the past is read now; else only what is known at once.

    Who may not ask for more gets it at once.
    """
    session, past, now = db.session(), past or not may(ENDPOINT), dt.datetime.now(dt.UTC)
    checks = checks_at_once(session, store, words, automation, name, data, now)
    if past:
        checks += checks_of_the_past(session, store, words, automation, data, now)
    return ChecksCard(to_do, sorted_checks(checks), not past, ids)
