"""A manager's draft: saved in any state, with everything that is still wrong with it in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared import empty_fields, message_languages
from automations.actions.shared.text_templates import answers_used, choice_problems
from automations.engine.fields.subject import Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules import rule
from automations.engine.rules.rule import Problem
from automations.engine.wording.wording import Part, sentence
from automations.features.authoring.timing_phrases import (
    caps_problems,
    caps_words,
    timing_problems,
    timing_words,
)
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store

LONGEST_NAME = 120
#: Placeholder subject of a draft before one is chosen.
NO_SUBJECT = Subject("", "", "", {}, {})
MAX_ACTIONS = 20


class Conflict(Exception):
    """Someone else saved in between; `theirs` is the automation as it is now."""

    def __init__(self, theirs: Automation) -> None:
        super().__init__(
            f"{theirs.editor.name if theirs.editor else 'Someone'} saved this automation in the meantime."
        )
        self.theirs = theirs


def blank(subject: str = "order") -> dict[str, Any]:
    """Return the draft of a new automation."""
    return {
        "subject": subject,
        "trigger": {"key": None, "from": None, "to": None},
        "conditions": [],
        "actions": [],
    }


def create(
    session: Session, store: Store, name: str, data: Mapping[str, Any], user: User, now: dt.datetime
) -> Automation:
    """Create an automation, off, at the end of the list. The name must be free: see `name_problem`."""
    place = session.scalar(
        sa.select(sa.func.coalesce(sa.func.max(Automation.position), 0)).where(
            Automation.store_id == store.id
        )
    )
    made = Automation(
        store_id=store.id, name=name, draft=dict(data), position=(place or 0) + 1, created_by=user.id
    )
    made.created_at = made.updated_at = now
    made.updated_by = user.id
    session.add(made)
    session.flush()
    return made


def save(
    session: Session,
    automation: Automation,
    name: str,
    data: Mapping[str, Any],
    revision: int,
    user: User,
    now: dt.datetime,
) -> Automation:
    """Save the draft unless someone saved since `revision`. Raises Conflict with their state."""
    values = {"name": name, "draft": dict(data), "revision": revision + 1}
    values |= {"updated_at": now, "updated_by": user.id}
    unless_saved_since = sa.update(Automation).where(
        Automation.id == automation.id, Automation.revision == revision
    )
    if session.connection().execute(unless_saved_since.values(**values)).rowcount == 0:
        session.refresh(automation)
        raise Conflict(automation)
    session.refresh(automation)
    return automation


def name_problem(session: Session, store: Store, name: str, automation_id: int | None) -> Problem | None:
    """Return why this name cannot be used, or None."""
    if not name.strip():
        return Problem("name", "Give the automation a name, for example “Confirm paid deliveries”.")
    if len(name) > LONGEST_NAME:
        return Problem("name", f"Shorten the name to {LONGEST_NAME} characters; it has {len(name)}.")
    taken = sa.select(Automation.id).where(Automation.store_id == store.id, Automation.name == name)
    if session.scalar(taken.where(Automation.id != (automation_id or 0))):
        return Problem("name", f"There is already an automation called “{name}”. Choose another name.")
    return None


def problems(words: StoreWords, data: Mapping[str, Any]) -> list[Problem]:
    """Return everything that keeps this draft from being published, each with the path of its field."""
    key = str(data.get("subject"))
    custom = words.custom(key)
    problems_found = rule.check(data, words.choices, words.has_reference, custom)
    problems_found += caps_problems(data.get("caps"))
    actions = data.get("actions")
    if not isinstance(actions, list) or not actions:
        return [
            *problems_found,
            Problem("actions", "Add at least one action: without one nothing would happen."),
        ]
    if len(actions) > MAX_ACTIONS:
        return [
            *problems_found,
            Problem("actions", f"This automation has {len(actions)} actions; the limit is {MAX_ACTIONS}."),
        ]
    subject = SUBJECTS.get(key, NO_SUBJECT).with_custom(custom)
    for place, action in enumerate(actions):
        problems_found += _action_problems(f"actions.{place}", action, subject, words)
        problems_found += _answer_problems(place, actions)
    return problems_found


def _action_problems(path: str, action: Any, subject: Subject, words: StoreWords) -> list[Problem]:
    kind = action.get("kind") if isinstance(action, dict) else None
    if not isinstance(kind, str) or kind not in ACTIONS:
        return [Problem(f"{path}.kind", "Choose what to do: this kind of action does not exist.")]
    settings = action.get("settings")
    if not isinstance(settings, dict):
        return [Problem(f"{path}.settings", "Fill in the settings of this action.")]
    problems_found = ACTIONS[kind].check_in_store(settings, subject, words)
    problems_found += message_languages.problems(ACTIONS[kind], settings, subject)
    problems_found += choice_problems(ACTIONS[kind], settings, subject.key, words)
    problems_found += timing_problems(subject, action.get("timing"))
    problems_found += empty_fields.problems(action)
    return [Problem(f"{path}.{problem.path}", problem.sentence) for problem in problems_found]


def _answer_problems(place: int, actions: list[Any]) -> Iterator[Problem]:
    """Yield a problem for each text that uses the answer of an action that is no earlier request."""
    action = actions[place] if isinstance(actions[place], dict) else {}
    kind, settings = ACTIONS.get(str(action.get("kind"))), action.get("settings")
    for name, text in kind.texts(settings) if kind and isinstance(settings, dict) else ():
        for number in sorted(answers_used({name: text})):
            before = actions[number - 1] if 0 < number <= place else None
            if not isinstance(before, dict) or before.get("kind") != "http_request":
                sentence = f"Action {number} is not a request before this one, so it has no answer to use."
                yield Problem(f"actions.{place}.settings.{name}", sentence)


def in_words(words: StoreWords, data: Mapping[str, Any]) -> list[Part]:
    """Return the automation as one sentence, in parts of which some are marked strong."""
    key = str(data.get("subject"))
    custom = words.custom_ever(key)
    subject = SUBJECTS.get(key, NO_SUBJECT).with_custom(custom)
    phrases = [action_phrase(action, subject, words) for action in data.get("actions") or []]
    parts = sentence(data, words, phrases, custom)
    limits = caps_words(key, data.get("caps"), words.formats)
    return [*parts, (limits, False)] if limits else parts


def action_phrase(action: Mapping[str, Any], subject: Subject, words: StoreWords) -> str:
    """Return one action as the sentence says it: "email the customer after 2 hours"."""
    kind, settings = ACTIONS.get(str(action.get("kind"))), action.get("settings") or {}
    summary = "…"
    if kind:
        summary = kind.summary_for(kind.with_present_names(settings, subject.key, words), subject)
    unless = " unless a field in it is empty" if empty_fields.is_skipped(action) else ""
    return summary + timing_words(subject, action.get("timing"), words.formats) + unless
