"""Creating, changing and removing segments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import NOW
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules import rule
from automations.engine.rules.condition_tree import conditions_in
from automations.engine.rules.impersonal import without_persons
from automations.engine.rules.rule import Problem
from automations.engine.wording.condition_phrases import node_parts
from automations.engine.wording.name_problems import name_problem
from automations.engine.wording.sentence_parts import listed, text_of
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
KIND, EDITED = "segment removal", "segment edit"


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
    if segment is None:
        stored, name = _ready(session, store, None, name, conditions)
        return _added(session, stored, user, name, conditions, now)
    change(session, store, user, segment, name, conditions, now)
    return segment


def change(
    session: Session,
    store: Store,
    user: User,
    segment: Segment,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> UndoStep | None:
    """Change a segment and find its members, inside write(); return what takes it back, if anything changed.

    Raises SegmentEditRefused.
    """
    stored, name = _ready(session, store, segment, name, conditions)
    session.refresh(segment, with_for_update=True)
    before, after = _state(segment), {"name": name, "conditions": [dict(node) for node in conditions]}
    if before == after:
        return None
    _write(session, stored, segment, name, conditions, now)
    whose = {"store_id": store.id, "user_id": user.id}
    audit.note_name(session, "the segment", before["name"], name, store.id, user.id, now)
    if before["conditions"] != after["conditions"]:
        old, new = _difference(session, stored, {**before, "name": name}, after)
        about = f"the segment “{name}”"
        audit.note(session, action="changed", about=about, before=old, after=new, at=now, **whose)
    return undo_steps.remember(session, EDITED, user, store.id, segment.id, before, after)


def _ready(
    session: Session,
    store: Store,
    segment: Segment | None,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
) -> tuple[Store, str]:
    """Return the store, locked, and the name as it is kept. Raises SegmentEditRefused."""
    now_stored = locked(session, store.id)
    name = " ".join(name.split())
    problems_found = problems(session, now_stored, segment, name, conditions)
    if problems_found:
        raise SegmentEditRefused(problems_found)
    return now_stored, name


def change_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Segment:
    """Give a segment its name and conditions back, inside write(). Raises CannotUndo."""
    store = locked(session, step.store_id)
    segment = session.get(Segment, step.about_id, with_for_update=True, populate_existing=True)
    if segment is None:
        raise CannotUndo("This segment is no longer there, so nothing was undone.")
    if _state(segment) != step.after:
        raise CannotUndo(f"“{segment.name}” was changed in the meantime, so nothing was undone.")
    name, conditions = step.before["name"], step.before["conditions"]
    wrong = problems(session, store, segment, name, conditions)
    if wrong:
        raise CannotUndo(wrong[0].sentence)
    _write(session, store, segment, name, conditions, now)
    old, new = _difference(session, store, step.after, step.before)
    about, whose = f"the segment “{name}”", {"store_id": store.id, "user_id": user.id}
    audit.note(session, action="undid a change of", about=about, before=old, after=new, at=now, **whose)
    return segment


def _state(segment: Segment) -> dict[str, Any]:
    return {"name": segment.name, "conditions": segment.conditions}


def _added(
    session: Session,
    store: Store,
    user: User,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> Segment:
    segment = Segment(store_id=store.id, created_at=now)
    _write(session, store, segment, name, conditions, now)
    after = {"conditions": _told(session, store, conditions)}
    about, whose = f"the segment “{name}”", {"store_id": store.id, "user_id": user.id}
    audit.note(session, action="added", about=about, after=after, at=now, **whose)
    return segment


def _write(
    session: Session,
    store: Store,
    segment: Segment,
    name: str,
    conditions: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> None:
    segment.name, segment.conditions, segment.updated_at = name, [dict(node) for node in conditions], now
    segment.refreshed_on = nightly_segments.night_of(now, ZoneInfo(store.timezone))
    session.add(segment)
    store.ruleset += 1
    session.flush()
    segment_membership.refresh(session, store, segment, now)


def _difference(
    session: Session, store: Store, old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the audit keeps of a change: the conditions in words, only named if those say the same."""
    before, after = audit.differences(old, new)
    if "conditions" in after:
        said = [_told(session, store, one["conditions"]) for one in (before, after)]
        before["conditions"], after["conditions"] = said if said[0] != said[1] else (None, None)
    return before, after


def _told(session: Session, store: Store, conditions: Sequence[Mapping[str, Any]]) -> str:
    """Return conditions in words without what may be a person’s: "none", "its total spent is over £9.00"."""
    words = StoreWords(session, store)
    subject = SUBJECTS["customer"].with_custom(words.custom_ever("customer"))
    parts = [node_parts(subject, node, words) for node in without_persons(subject, conditions)]
    return text_of(listed(parts)) if parts else "none"


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
    if problem := name_problem(name, LONGEST_NAME, "the segment"):
        yield Problem("name", problem)
    taken = sa.select(Segment.id).where(Segment.store_id == store.id, Segment.name == name)
    if session.scalar(taken.where(Segment.id != (segment.id if segment else 0))):
        yield Problem("name", f"There is already a segment called “{name}”. Choose another name.")
