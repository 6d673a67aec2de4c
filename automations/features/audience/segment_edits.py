"""Creating, changing and removing segments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import NOW
from automations.engine.rules import rule
from automations.engine.rules.condition_tree import conditions_in
from automations.engine.rules.rule import Problem
from automations.features.audience import nightly_segments
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.segment import Campaign, Segment, SegmentMember
from automations.models.tables.store import Store, locked
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.evaluation import segment_membership

LONGEST_NAME = 80
KIND = "segment removal"


class SegmentEditRefused(ValueError):
    """`str(error)` is a sentence for the user; `problems` have the paths of what to change."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = problems


def save(
    session: Session,
    store: Store,
    user: User,
    segment: Segment | None,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> Segment:
    """Create or change a segment and find its members, inside write(). Raises SegmentEditRefused."""
    now_stored = locked(session, store.id)
    name = " ".join(name.split())
    problems_found = problems(session, now_stored, segment, name, conditions)
    if problems_found:
        raise SegmentEditRefused(problems_found)
    saved, before = segment or Segment(store_id=store.id, created_at=now), segment.name if segment else name
    saved.name, saved.conditions, saved.updated_at = name, [dict(node) for node in conditions], now
    saved.refreshed_on = nightly_segments.night_of(now, ZoneInfo(now_stored.timezone))
    session.add(saved)
    now_stored.ruleset += 1
    session.flush()
    segment_membership.refresh(session, now_stored, saved, now)
    audit.note_name(session, "the segment", before, name, store.id, user.id, now)
    action, about = "changed" if segment else "added", f"the segment “{name}”"
    audit.note(session, action=action, about=about, store_id=store.id, user_id=user.id, at=now)
    return saved


def remove(session: Session, store: Store, user: User, segment: Segment) -> UndoStep:
    """Remove an unused segment, inside write(); return what takes it back. Raises SegmentEditRefused."""
    used = users_of(session, segment)
    if used:
        names = ", ".join(f"“{name}”" for name in used)
        raise SegmentEditRefused(
            [Problem("", f"“{segment.name}” is used by {names}, so it cannot be removed.")]
        )
    locked(session, store.id).ruleset += 1
    session.refresh(segment, with_for_update=True)
    session.execute(sa.delete(SegmentMember).where(SegmentMember.segment_id == segment.id))
    about = f"the segment “{segment.name}”"
    audit.note(session, action="removed", about=about, store_id=store.id, user_id=user.id)
    step = undo_steps.remember(session, KIND, user, store.id, segment.id, undo_steps.row_data(segment))
    session.delete(segment)
    return step


def put_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Segment:
    """Put a removed segment back under its id and find its members, inside write(). Raises CannotUndo."""
    store = locked(session, step.store_id)
    segment = undo_steps.row_from(Segment, step.before)
    wrong = problems(session, store, None, segment.name, segment.conditions)
    if wrong:
        raise CannotUndo(wrong[0].sentence)
    segment.refreshed_on = nightly_segments.night_of(now, ZoneInfo(store.timezone))
    session.add(segment)
    store.ruleset += 1
    session.flush()
    segment_membership.refresh(session, store, segment, now)
    about = f"the segment “{segment.name}”"
    audit.note(session, action="put back", about=about, store_id=store.id, user_id=user.id)
    return segment


def users_of(session: Session, segment: Segment) -> list[str]:
    """Return the names of the automations (draft or live) and campaigns that use a segment."""
    names = []
    automations = sa.select(Automation).where(Automation.store_id == segment.store_id)
    for automation in session.scalars(automations.order_by(Automation.name)):
        definitions = [
            automation.draft,
            automation.active_version.definition if automation.active_version else {},
        ]
        if any(_names(definition.get("trigger") or {}, segment) for definition in definitions):
            names.append(automation.name)
    campaigns = sa.select(Campaign.name).where(Campaign.segment_id == segment.id)
    return [*names, *session.scalars(campaigns.order_by(Campaign.id))]


def _names(trigger: Mapping[str, Any], segment: Segment) -> bool:
    sides = {segment_membership.ENTERED: "to", segment_membership.LEFT: "from"}
    side = sides.get(str(trigger.get("key")))
    schedule = trigger.get("schedule") or {}
    named = [trigger.get(side) if side else None, schedule.get("segment")]
    return str(segment.id) in named


def problems(
    session: Session,
    store: Store,
    segment: Segment | None,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
) -> list[Problem]:
    """Return everything that keeps a segment from being saved, each with the path of its field."""
    words, data = StoreWords(session, store), segment_membership.as_data(conditions)
    problems_found = rule.check(data, words.choices, words.has_reference, words.custom("customer"))
    of_the_moment = [
        Problem(f"{path}.field", "A segment can’t depend on the time of day or the weekday; take this out.")
        for path, condition in conditions_in(data)
        if str(condition.get("field")).startswith(NOW)
    ]
    return [*_name_problems(session, store, segment, name), *problems_found, *of_the_moment]


def _name_problems(session: Session, store: Store, segment: Segment | None, name: str) -> Iterator[Problem]:
    if not 0 < len(name) <= LONGEST_NAME:
        yield Problem("name", f"Give the segment a name of at most {LONGEST_NAME} characters.")
    taken = sa.select(Segment.id).where(Segment.store_id == store.id, Segment.name == name)
    if session.scalar(taken.where(Segment.id != (segment.id if segment else 0))):
        yield Problem("name", f"There is already a segment called “{name}”. Choose another name.")
