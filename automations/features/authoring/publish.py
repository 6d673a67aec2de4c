"""Publishes drafts: freezes a version, switches it on and off. Each raises the store's ruleset by one.

The store is locked first, always before the automation and its runs: otherwise two people who publish at
once would give two changes the same number, or deadlock on locks taken in another order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.engine.rules.rule import Problem
from automations.features.authoring import drafts
from automations.features.examples import checking
from automations.features.examples.answering import Answer
from automations.models.access.audit import note
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.people import User
from automations.models.tables.store import Store, locked
from automations.pipeline.runs import held_while_off

OPEN_END = 2**62
#: Characters of the reason to publish in spite of broken examples.
LONGEST_REASON = 500


class NotPublishable(Exception):
    """The draft is not ready; `problems` says what to change."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = problems


class ExamplesBreak(NotPublishable):
    """Pinned examples would not behave as expected; with a reason it can be published all the same."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        super().__init__(checking.problems(answers))
        self.answers = tuple(answers)


def publish(
    session: Session, automation: Automation, user: User, now: dt.datetime, reason: str = ""
) -> Version:
    """Freeze the draft as the next version and make it live. Raises NotPublishable.

    Pinned examples that break raise ExamplesBreak, unless there is a `reason`, which the audit keeps.
    """
    store = _lock(session, automation)
    if automation.archived_at:
        raise NotPublishable([Problem("", "This automation is archived. Restore it first.")])
    words = StoreWords(session, store)
    problems = drafts.problems(words, automation.draft)
    if problems:
        raise NotPublishable(problems)
    breaking = checking.ask(session, words, automation, automation.draft).breaking
    if breaking:
        _go_on_despite(session, automation, breaking, user, now, reason)
    version = _freeze_next(session, automation, user, now)
    _listen(session, store, automation, version, now)
    return version


def activate(session: Session, automation: Automation, now: dt.datetime) -> None:
    """Switch the latest version on again; do nothing if it is on already, or archived."""
    store = _lock(session, automation)
    if automation.archived_at:
        return
    if automation.latest_version and automation.active_version_id != automation.latest_version_id:
        _listen(session, store, automation, automation.latest_version, now)


def deactivate(session: Session, automation: Automation, now: dt.datetime) -> None:
    """Switch it off: from the next occurrence on it is not evaluated, and its waiting runs are held."""
    store = _lock(session, automation)
    if automation.active_version_id:
        store.ruleset += 1
        _end(session, automation, store.ruleset, now)
        automation.active_version_id = None
        session.flush()


def has_unpublished_changes(automation: Automation) -> bool:
    """Return whether the draft differs from the latest version."""
    latest = automation.latest_version
    return latest is None or latest.definition != automation.draft or latest.name != automation.name


def freeze(session: Session, automation: Automation, number: int, user: User, now: dt.datetime) -> Version:
    """Write the draft down as version `number`, with the traits of its actions; it does not listen yet."""
    version = Version(
        store_id=automation.store_id,
        automation_id=automation.id,
        number=number,
        name=automation.name,
        subject=automation.draft["subject"],
        trigger=automation.draft["trigger"]["key"],
        definition=automation.draft,
        action_traits=[traits_of(action) for action in automation.draft["actions"]],
        published_at=now,
        published_by=user.id,
    )
    session.add(version)
    session.flush()
    automation.latest_version_id = version.id
    return version


def traits_of(action: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a sale needs to know about the kind of an action; see `Version.action_traits`."""
    kind, settings = ACTIONS.get(str(action.get("kind"))), action.get("settings")
    if kind is None:
        return {"lane": "", "marketing": False}
    return {"lane": kind.lane(settings) if isinstance(settings, Mapping) else "", "marketing": kind.marketing}


def _go_on_despite(
    session: Session,
    automation: Automation,
    breaking: Sequence[Answer],
    user: User,
    now: dt.datetime,
    reason: str,
) -> None:
    """Note in the audit why broken examples do not matter; raise ExamplesBreak without a reason."""
    why = " ".join(reason.split())[:LONGEST_REASON]
    if not why:
        raise ExamplesBreak(breaking)
    note(
        session,
        action="set broken examples aside to publish",
        about=f"automation “{automation.name}”",
        store_id=automation.store_id,
        user_id=user.id,
        # Without the values of the records, which may be about a customer.
        after={"reason": why, "examples": [answer.short for answer in breaking]},
        at=now,
    )


def _lock(session: Session, automation: Automation) -> Store:
    store = locked(session, automation.store_id)
    # Read again: whoever held the lock before may have switched it on or off, or archived it.
    session.refresh(automation, with_for_update={"key_share": True})
    return store


def _freeze_next(session: Session, automation: Automation, user: User, now: dt.datetime) -> Version:
    last = session.scalar(
        sa.select(sa.func.max(Version.number)).where(Version.automation_id == automation.id)
    )
    return freeze(session, automation, (last or 0) + 1, user, now)


def _listen(
    session: Session, store: Store, automation: Automation, version: Version, now: dt.datetime
) -> None:
    store.ruleset += 1
    _end(session, automation, store.ruleset, now)
    span = Listening(
        store_id=store.id, version_id=version.id, subject=version.subject, trigger=version.trigger
    )
    span.from_ruleset, span.until_ruleset, span.started_at = store.ruleset, OPEN_END, now
    session.add(span)
    automation.active_version_id = version.id
    automation.paused_for = automation.paused_at = automation.paused_why = None
    session.flush()
    held_while_off.release(session, automation, now)


def _end(session: Session, automation: Automation, ruleset: int, now: dt.datetime) -> None:
    versions = sa.select(Version.id).where(Version.automation_id == automation.id)
    live = sa.update(Listening).where(Listening.version_id.in_(versions), Listening.until_ruleset == OPEN_END)
    session.execute(live.values(until_ruleset=ruleset, ended_at=now))
