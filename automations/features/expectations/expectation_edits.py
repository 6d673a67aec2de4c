"""Saving, removing and seeing to expectations; each is in the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules import rule
from automations.engine.rules.impersonal import without_persons
from automations.engine.rules.rule import Problem
from automations.engine.wording.sentence import sentence, text_of
from automations.engine.wording.wording import Part
from automations.features.expectations import follow as follows
from automations.features.expectations import notices
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.settings.choices import StoreWords
from automations.models.tables.expectation import Expectation
from automations.models.tables.occurrence import MANUAL
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep

Data = Mapping[str, Any]
LONGEST_NAME = 120
KIND, EDITED = "expectation removal", "expectation edit"
#: The columns that an undone change gives back.
_GOES_BACK = (
    "name",
    "rule",
    "follow",
    "looked_to",
    "counted_from",
    "kept",
    "broken",
    "in_a_row",
    "broken_at",
)
#: A store that has more does not read them.
MOST = 200
FROM_TIME = (
    "An expectation starts from something that happens: choose a trigger under “When something happens”."
)


class ExpectationRefused(ValueError):
    """`problems` have the paths of what to change; `str(error)` is the first of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = problems


class SavedMeanwhile(Exception):
    """Someone else saved this expectation in the meantime."""


def problems(session: Session, words: StoreWords, rule_data: Data, follow: Data) -> list[Problem]:
    """Return everything that keeps it from being judged, each with the path of its field."""
    subject = SUBJECTS.get(str(rule_data.get("subject")))
    kind = subject.triggers.get(str(rule_data["trigger"].get("key"))) if subject else None
    if kind and (kind.schedule or kind.key == MANUAL):
        found = [Problem("trigger.key", FROM_TIME)]
    else:
        custom = words.custom(str(rule_data.get("subject")))
        found = list(rule.check(rule_data, words.choices, words.has_reference, custom))
    return found + follows.problems(session, words.store_id, follow)


def save(
    session: Session,
    store: Store,
    user: User,
    expectation: Expectation | None,
    values: Data,
    revision: int,
    now: dt.datetime,
) -> Expectation:
    """Create or change one, inside write(), from {"name", "rule", "follow"}; its counts begin anew.

    Raises ExpectationRefused and SavedMeanwhile.
    """
    if expectation:
        change(session, store, user, expectation, values, revision, now)
        return expectation
    words, name = StoreWords(session, store), _checked(session, store, None, values)
    added = Expectation(store_id=store.id, created_at=now, created_by=user.id, revision=0)
    _write(session, added, name, values, user, now)
    _note(session, "added", added, words, user, now)
    return added


def change(
    session: Session,
    store: Store,
    user: User,
    expectation: Expectation,
    values: Data,
    revision: int,
    now: dt.datetime,
) -> UndoStep:
    """Change one, inside write(); its counts begin anew. Return what takes it back, with the counts.

    Raises ExpectationRefused and SavedMeanwhile.
    """
    words, name = StoreWords(session, store), _checked(session, store, expectation, values)
    session.refresh(expectation, with_for_update=True)
    before, called = undo_steps.row_data(expectation), title(session, words, expectation)
    if expectation.revision != revision:
        raise SavedMeanwhile
    notices.settle(session, expectation, now)
    _write(session, expectation, name, values, user, now)
    told = _told(session, words, before), _told(session, words, undo_steps.row_data(expectation))
    now_called = title(session, words, expectation)
    audit.note_name(session, "the expectation", called, now_called, store.id, user.id, now)
    if told[0] != told[1] or called == now_called:
        _note(session, "changed", expectation, words, user, now, audit.differences(*told))
    after = {"revision": expectation.revision}
    return undo_steps.remember(session, EDITED, user, store.id, expectation.id, before, after)


def change_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Expectation:
    """Make one again what it was, with its counts, inside write(); what happened meanwhile is judged next.

    Raises CannotUndo.
    """
    expectation = session.get(Expectation, step.about_id, with_for_update=True, populate_existing=True)
    if expectation is None:
        raise CannotUndo("This expectation is no longer there, so nothing was undone.")
    if expectation.revision != step.after["revision"]:
        raise CannotUndo("This expectation was changed in the meantime, so nothing was undone.")
    words = StoreWords(session, session.get_one(Store, step.store_id))
    wrong = problems(session, words, step.before["rule"], step.before["follow"])
    if wrong:
        raise CannotUndo(wrong[0].sentence)
    told = _told(session, words, undo_steps.row_data(expectation)), _told(session, words, step.before)
    notices.settle(session, expectation, now)
    was = undo_steps.row_from(Expectation, step.before)
    for name in _GOES_BACK:
        setattr(expectation, name, getattr(was, name))
    expectation.revision += 1
    expectation.updated_at, expectation.updated_by = now, user.id
    session.flush()
    _note(session, "undid a change of", expectation, words, user, now, audit.differences(*told))
    return expectation


def _checked(session: Session, store: Store, expectation: Expectation | None, values: Data) -> str:
    """Return the name as it is kept. Raises ExpectationRefused."""
    words, name = StoreWords(session, store), " ".join(str(values["name"]).split())
    wrong = problems(session, words, values["rule"], values["follow"])
    if len(name) > LONGEST_NAME:
        wrong.append(Problem("name", f"Shorten the name to {LONGEST_NAME} characters; it has {len(name)}."))
    if expectation is None and _count(session, store.id) >= MOST:
        wrong.append(Problem("", f"A store has {MOST} expectations at most. Remove one first."))
    if wrong:
        raise ExpectationRefused(wrong)
    return name


def _write(
    session: Session, saved: Expectation, name: str, values: Data, user: User, now: dt.datetime
) -> None:
    """Write it, with counts that begin anew."""
    saved.name, saved.rule, saved.follow = name, dict(values["rule"]), dict(values["follow"])
    saved.revision = saved.revision + 1
    saved.looked_to = saved.counted_from = saved.updated_at = now
    saved.kept = saved.broken = saved.in_a_row = 0
    saved.broken_at = None
    saved.updated_by = user.id
    session.add(saved)
    session.flush()


def _told(session: Session, words: StoreWords, row: Data) -> dict[str, Any]:
    """Return what the audit keeps of one: its sentence, without what may be a person's."""
    rule_data = row["rule"]
    subject = SUBJECTS.get(str(rule_data.get("subject")))
    conditions = rule_data.get("conditions") or ()
    if subject:
        subject = subject.with_custom(words.custom_ever(subject.key))
        rule_data = {**rule_data, "conditions": without_persons(subject, conditions)}
    return {"sentence": text_of(in_words(session, words, rule_data, row["follow"])).removesuffix(".")}


def remove(
    session: Session, store: Store, user: User, expectation: Expectation, now: dt.datetime
) -> UndoStep:
    """Remove it and settle what the managers were told, inside write(); return what takes it back."""
    session.refresh(expectation, with_for_update=True)
    notices.settle(session, expectation, now)
    _note(session, "removed", expectation, StoreWords(session, store), user, now)
    before = undo_steps.row_data(expectation)
    step = undo_steps.remember(session, KIND, user, store.id, expectation.id, before)
    session.delete(expectation)
    return step


def put_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Expectation:
    """Put a removed one back with its counts, inside write(); what happened meanwhile is judged next."""
    if _count(session, step.store_id) >= MOST:
        raise CannotUndo(f"A store has {MOST} expectations at most. Remove one first.")
    expectation = undo_steps.row_from(Expectation, step.before)
    session.add(expectation)
    session.flush()
    words = StoreWords(session, session.get_one(Store, step.store_id))
    _note(session, "put back", expectation, words, user, now)
    return expectation


def see(session: Session, store: Store, user: User, expectation: Expectation, now: dt.datetime) -> int:
    """Count what broke it as seen, inside write(); return how often it was broken."""
    session.refresh(expectation, with_for_update=True)
    count = expectation.broken
    if count:
        notices.settle(session, expectation, now)
        expectation.broken = expectation.in_a_row = 0
        _note(session, "saw what broke", expectation, StoreWords(session, store), user, now)
    return count


def in_words(session: Session, words: StoreWords, rule_data: Data, follow: Data) -> list[Part]:
    """Return it as one sentence, in parts of which some are marked strong."""
    custom = words.custom_ever(str(rule_data.get("subject")))
    return sentence(rule_data, words, [follows.phrase(session, words.store_id, follow)], custom)


def title(session: Session, words: StoreWords, expectation: Expectation) -> str:
    """Return what it is called: its name, or its sentence."""
    said = text_of(in_words(session, words, expectation.rule, expectation.follow))
    return expectation.name or said.removesuffix(".")


def _count(session: Session, store_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(Expectation).where(Expectation.store_id == store_id)
    return session.scalar(query) or 0


def _note(
    session: Session,
    action: str,
    saved: Expectation,
    words: StoreWords,
    user: User,
    now: dt.datetime,
    said: tuple[Data, Data] = ({}, {}),
) -> None:
    about, whose = f"the expectation “{title(session, words, saved)}”", {"store_id": saved.store_id}
    before, after = (part or None for part in said)
    audit.note(
        session, action=action, about=about, user_id=user.id, before=before, after=after, at=now, **whose
    )
