"""Saving, removing and seeing to expectations; each is in the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules import rule
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
KIND = "expectation removal"
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
    words, name = StoreWords(session, store), " ".join(str(values["name"]).split())
    wrong = problems(session, words, values["rule"], values["follow"])
    if len(name) > LONGEST_NAME:
        wrong.append(Problem("name", f"Shorten the name to {LONGEST_NAME} characters; it has {len(name)}."))
    if expectation is None and _count(session, store.id) >= MOST:
        wrong.append(Problem("", f"A store has {MOST} expectations at most. Remove one first."))
    if wrong:
        raise ExpectationRefused(wrong)
    if expectation is None:
        saved, before = Expectation(store_id=store.id, created_at=now, created_by=user.id, revision=0), ""
    else:
        saved = expectation
        session.refresh(saved, with_for_update=True)
        before = title(session, words, saved)
        if saved.revision != revision:
            raise SavedMeanwhile
        notices.settle(session, saved, now)
    saved.name, saved.rule, saved.follow = name, dict(values["rule"]), dict(values["follow"])
    saved.revision = saved.revision + 1
    saved.looked_to = saved.counted_from = saved.updated_at = now
    saved.kept = saved.broken = saved.in_a_row = 0
    saved.broken_at = None
    saved.updated_by = user.id
    session.add(saved)
    session.flush()
    if expectation:
        called = title(session, words, saved)
        audit.note_name(session, "the expectation", before, called, saved.store_id, user.id, now)
    _note(session, "changed" if expectation else "added", saved, words, user, now)
    return saved


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
    session: Session, action: str, saved: Expectation, words: StoreWords, user: User, now: dt.datetime
) -> None:
    about = f"the expectation “{title(session, words, saved)}”"
    audit.note(session, action=action, about=about, store_id=saved.store_id, user_id=user.id, at=now)
