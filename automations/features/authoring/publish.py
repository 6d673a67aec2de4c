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
from automations.features.authoring.contradiction import contradictions
from automations.features.examples import checking
from automations.features.examples.answering import Answer
from automations.models.access.audit import note
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.people import User
from automations.models.tables.shadow import PUBLISHED, REPLACED, Shadow
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
    store = lock(session, automation)
    refuse_unready(session, store, automation, automation.draft, now)
    _refuse_breaking(session, store, automation, automation.draft, user, now, reason)
    version = freeze(session, automation, next_number(session, automation), user, now)
    resume(session, store, automation, version, now)
    end_shadow(session, store, automation, now, PUBLISHED)
    return version


def activate(session: Session, automation: Automation, now: dt.datetime) -> None:
    """Switch the latest version on again; do nothing if it is on already, or archived."""
    store = lock(session, automation)
    if automation.archived_at:
        return
    if automation.latest_version and automation.active_version_id != automation.latest_version_id:
        resume(session, store, automation, automation.latest_version, now)


def deactivate(session: Session, automation: Automation, now: dt.datetime) -> None:
    """Switch it off: from the next occurrence on it is not evaluated, and its waiting runs are held."""
    store = lock(session, automation)
    if automation.active_version_id:
        store.ruleset += 1
        stop_listening(session, _live_ones(automation), store, now)
        automation.active_version_id = None
        session.flush()


def has_unpublished_changes(automation: Automation) -> bool:
    """Return whether the draft differs from the latest version."""
    latest = automation.latest_version
    return latest is None or latest.definition != automation.draft or latest.name != automation.name


def publish_shadowed(
    session: Session,
    automation: Automation,
    shadowed: Version,
    user: User,
    now: dt.datetime,
    reason: str = "",
) -> Version:
    """Make what was in shadow mode live, as a version of its own; the draft stays. Raises as `publish`."""
    store = lock(session, automation)
    refuse_unready(session, store, automation, shadowed.definition, now)
    _refuse_breaking(session, store, automation, shadowed.definition, user, now, reason)
    version = freeze(session, automation, next_number(session, automation), user, now, shadowed)
    resume(session, store, automation, version, now)
    end_shadow(session, store, automation, now, PUBLISHED)
    return version


def freeze(
    session: Session,
    automation: Automation,
    number: int,
    user: User,
    now: dt.datetime,
    like: Version | None = None,
) -> Version:
    """Write the draft, or what `like` holds, down as version `number`; it does not listen yet."""
    version = frozen(automation, like.definition if like else automation.draft, number, user, now)
    session.add(version)
    session.flush()
    automation.latest_version_id = version.id
    return version


def frozen(
    automation: Automation, data: Mapping[str, Any], number: int, user: User, now: dt.datetime
) -> Version:
    """Return `data` as version `number`, with the traits of its actions, not yet added to the session."""
    return Version(
        store_id=automation.store_id,
        automation_id=automation.id,
        number=number,
        name=automation.name,
        subject=data["subject"],
        trigger=data["trigger"]["key"],
        definition=data,
        action_traits=[traits_of(action) for action in data["actions"]],
        published_at=now,
        published_by=user.id,
    )


def traits_of(action: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a sale needs to know about the kind of an action; see `Version.action_traits`."""
    kind, settings = ACTIONS.get(str(action.get("kind"))), action.get("settings")
    if kind is None:
        return {"lane": "", "marketing": False}
    return {"lane": kind.lane(settings) if isinstance(settings, Mapping) else "", "marketing": kind.marketing}


def _refuse_breaking(
    session: Session,
    store: Store,
    automation: Automation,
    data: Mapping[str, Any],
    user: User,
    now: dt.datetime,
    reason: str,
) -> None:
    """Raise ExamplesBreak if examples break and there is no reason; the audit keeps the reason."""
    breaking = checking.ask(session, StoreWords(session, store), automation, data).breaking
    if not breaking:
        return
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


def lock(session: Session, automation: Automation) -> Store:
    """Lock the store, then the automation, and read it anew; return the store."""
    store = locked(session, automation.store_id)
    # Read again: whoever held the lock before may have switched it on or off, or archived it.
    # `of`: one that was read together with its versions is locked alone; Postgres locks no outer join.
    session.refresh(automation, with_for_update={"key_share": True, "of": Automation})
    return store


def next_number(session: Session, automation: Automation) -> int:
    """Return the number of the next version; those made for shadow mode count along."""
    last = session.scalar(
        sa.select(sa.func.max(Version.number)).where(Version.automation_id == automation.id)
    )
    return (last or 0) + 1


def listen(session: Session, store: Store, version: Version, now: dt.datetime) -> None:
    """Have a version evaluated from the store's ruleset on."""
    span = Listening(
        store_id=store.id, version_id=version.id, subject=version.subject, trigger=version.trigger
    )
    span.from_ruleset, span.until_ruleset, span.started_at = store.ruleset, OPEN_END, now
    session.add(span)


def stop_listening(
    session: Session, versions: sa.ColumnElement[bool], store: Store, now: dt.datetime
) -> None:
    """End the open spans of the chosen versions, as of the store's ruleset."""
    ids = sa.select(Version.id).where(versions)
    live = sa.update(Listening).where(Listening.version_id.in_(ids), Listening.until_ruleset == OPEN_END)
    session.execute(live.values(until_ruleset=store.ruleset, ended_at=now))


def end_shadow(
    session: Session, store: Store, automation: Automation, now: dt.datetime, decision: str
) -> None:
    """End the shadow mode of an automation, if it is in any, with what was decided; the store is locked.

    What was published in place of another version replaces it.
    """
    undecided = sa.select(Shadow).where(Shadow.automation_id == automation.id, Shadow.decided_at.is_(None))
    for shadow in session.scalars(undecided):
        if shadow.stopped_at is None:
            store.ruleset += 1
            stop_listening(session, Version.id == shadow.version_id, store, now)
            shadow.stopped_at = now
        live = session.get(Version, automation.latest_version_id) if automation.latest_version_id else None
        same = live is not None and live.definition == shadow.version.definition
        shadow.decided_at = now
        shadow.decision = decision if decision != PUBLISHED or same else REPLACED
    session.flush()


def resume_shadow(session: Session, store: Store, shadow: Shadow, now: dt.datetime) -> None:
    """Let a version listen again whose shadow mode was ended; the store is locked."""
    store.ruleset += 1
    listen(session, store, shadow.version, now)
    shadow.stopped_at = shadow.decided_at = shadow.decision = None
    session.flush()


def refuse_unready(
    session: Session, store: Store, automation: Automation, data: Mapping[str, Any], now: dt.datetime
) -> None:
    """Raise NotPublishable for an archived automation, data with problems, or a rule that can never fire."""
    if automation.archived_at:
        raise NotPublishable([Problem("", "This automation is archived. Restore it first.")])
    words = StoreWords(session, store)
    problems = drafts.problems(words, data) or contradictions(words, store, data, now)
    if problems:
        raise NotPublishable(problems)


def resume(
    session: Session, store: Store, automation: Automation, version: Version, now: dt.datetime
) -> None:
    """Make a version the live one and let the held runs go; the store is locked."""
    store.ruleset += 1
    stop_listening(session, _live_ones(automation), store, now)
    listen(session, store, version, now)
    automation.active_version_id = version.id
    automation.paused_for = automation.paused_at = automation.paused_why = None
    session.flush()
    held_while_off.release(session, automation, now)


def _live_ones(automation: Automation) -> sa.ColumnElement[bool]:
    # A version in shadow mode has its own end, and the switch is not about it.
    return sa.and_(Version.automation_id == automation.id, ~Version.shadow)
