"""What a changed rule would have done in the recorded past, beside what the live version would have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.rule import rule_from
from automations.engine.wording.formats import count_words
from automations.features.past.firings import Firing, would_have_fired
from automations.features.past.period import DEFAULT, Period, period_of
from automations.features.rules_as_code.plan import Plan, PlanStep
from automations.messages.store_formats import formats_of
from automations.models.tables.automation import Automation, Version
from automations.models.tables.store import Store


def figures(session: Session, store: Store, plan: Plan, now: dt.datetime) -> dict[str, str]:
    """Return, by the name of the automation, what each rule that is to go live would have done.

    "In 90 days it would have fired 9 times; by version 2, 8 times (+2 −1)." Rules with problems have none.
    """
    live = _live(session, [step.automation_id for step in plan.steps if step.automation_id])
    period = period_of(DEFAULT, store, now)
    return {
        step.name: _figure(session, store, step, live.get(step.automation_id or 0), period)
        for step in plan.steps
        if step.changes_rule and step.live and not step.problems
    }


def _figure(session: Session, store: Store, step: PlanStep, live: Version | None, period: Period) -> str:
    after = _moments(session, store, step.data, period)
    formats = formats_of(store.language)
    said = f"In {period.days} days it would have fired {count_words(len(after), 'times', formats)}"
    if live is None or live.subject != step.data["subject"]:
        return f"{said}."
    before = _moments(session, store, live.definition, period)
    gained, lost = len(after - before), len(before - after)
    counts = f"(+{formats.number(gained)} −{formats.number(lost)})"
    return f"{said}; by version {live.number}, {count_words(len(before), 'times', formats)} {counts}."


def _moments(session: Session, store: Store, data: Mapping[str, Any], period: Period) -> set[Firing]:
    return set(would_have_fired(session, store, rule_from(0, data), period))


def _live(session: Session, automation_ids: Sequence[int]) -> dict[int, Version]:
    active = sa.select(Version).join(Automation, Automation.active_version_id == Version.id)
    found = session.scalars(active.where(Automation.id.in_(automation_ids)))
    return {version.automation_id: version for version in found}
