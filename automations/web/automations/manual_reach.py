"""Whom a manual run reaches: what it does to the customer, and who would get nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flask import g

from automations.actions import ACTIONS
from automations.features.scheduling.manual_run import Candidate
from automations.features.trial.trial import steps_of_each
from automations.models.db.base import db
from automations.models.tables.automation import Version
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.evaluation.quiet_hours import after_quiet_hours
from automations.pipeline.providers.action_context import team_of
from automations.web.kit.template_filters import counted
from automations.web.records.kind_pages import RecordPages, store_words


def skipped(version: Version, candidates: Sequence[Candidate]) -> dict[int, str]:
    """Return why those get nothing whom no message would reach, by id.

    Of an automation that does more than write to the customer, everybody gets something.
    """
    if not verb_of(version):
        return {}
    session, words, data = db.session(), store_words(), {**version.definition, "subject": version.subject}
    steps = steps_of_each(
        session,
        g.store,
        words,
        data,
        [candidate.snapshot for candidate in candidates],
        dt.datetime.now(dt.UTC),
        team_of(session, g.store.id),
    )
    return {
        candidate.id: next(filter(None, (step.skipped for step in taken)), "")
        for candidate, taken in zip(candidates, steps, strict=True)
        if taken and all(step.skipped for step in taken)
    }


def quiet_until(version: Version, now: dt.datetime) -> dt.datetime | None:
    """Return when the quiet hours end in which marketing of a version would wait; None if none waits."""
    if not any(action["kind"] in MARKETING for action in version.definition["actions"]):
        return None
    later = after_quiet_hours(now, ZoneInfo(g.store.timezone), g.store.quiet_hours)
    return later if later > now else None


def verb_of(version: Version) -> str:
    """Return what all actions of a version do to the customer: "Email", "Text"; "" if that is not all."""
    verbs = {
        ACTIONS[action["kind"]].verb_to_customer(action["settings"]) if action["kind"] in ACTIONS else ""
        for action in version.definition["actions"]
    }
    return verbs.pop() if len(verbs) == 1 else ""


def button_words(version: Version, kind: RecordPages, count: int | None) -> str:
    """Return what the button does: "Email 216 customers", "Run it for 1 order"; None: the ticked ones."""
    verb = verb_of(version)
    noun = kind.label.lower() if count == 1 else kind.title.lower()
    records = f"the ticked {noun}" if count is None else f"{counted(count)} {noun}"
    if not verb:
        return f"Run it for {records}"
    person = "customer" if count == 1 else "customers"
    return f"{verb} {records}" if kind.subject == "customer" else f"{verb} the {person} of {records}"
