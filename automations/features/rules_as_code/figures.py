"""What a changed rule would have done in the recorded past, beside what the live version would have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import rule_from
from automations.engine.wording.formats import count_words
from automations.features.past.asking import matches
from automations.features.past.period import DEFAULT, period_of
from automations.features.rules_as_code.plan import Plan, PlanStep
from automations.models.tables.automation import Automation, Version
from automations.models.tables.store import Store


def figures(session: Session, store: Store, plan: Plan, now: dt.datetime) -> dict[str, str]:
    """Return, by the name of the automation, what each rule that is to go live would have done.

    "In 90 days it would have fired 210 times; by version 2, 174 times (+38 −2)." None for rules that wait for
    a time, and for those with problems.
    """
    live = _live(session, [step.automation_id for step in plan.steps if step.automation_id])
    return {
        step.name: _figure(session, store, step, live.get(step.automation_id or 0), now)
        for step in plan.steps
        if step.changes_rule and step.live and not step.problems and not _waits(step.data)
    }


def _figure(session: Session, store: Store, step: PlanStep, live: Version | None, now: dt.datetime) -> str:
    period = period_of(DEFAULT, store, now)
    after = matches(session, store, rule_from(0, step.data), period)
    said = f"In {period.days} days it would have fired {count_words(len(after), 'times')}"
    if live is None or live.subject != step.data["subject"] or _waits(live.definition):
        return f"{said}."
    before = matches(session, store, rule_from(0, live.definition), period)
    gained, lost = len(after - before), len(before - after)
    return f"{said}; by version {live.number}, {count_words(len(before), 'times')} (+{gained} −{lost})."


def _live(session: Session, automation_ids: Sequence[int]) -> dict[int, Version]:
    active = sa.select(Version).join(Automation, Automation.active_version_id == Version.id)
    found = session.scalars(active.where(Automation.id.in_(automation_ids)))
    return {version.automation_id: version for version in found}


def _waits(data: Mapping[str, Any]) -> bool:
    return bool(SUBJECTS[data["subject"]].triggers[data["trigger"]["key"]].schedule)
