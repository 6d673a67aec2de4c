"""The page of all automations: what each says, and how often it fired lately."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.engine.wording import Part, text_of
from automations.models.automation import Automation
from automations.models.choices import StoreWords
from automations.models.occurrence import Evaluation
from automations.models.store import Store
from automations.pipeline import drafts

DAYS = 30


@dataclass(frozen=True)
class Row:
    """One automation of the list. `per_day` are the fires of the last 30 days, the oldest first."""

    automation: Automation
    sentence: Sequence[Part]
    per_day: tuple[int, ...]
    last_fired: dt.datetime | None

    @property
    def fires(self) -> int:
        """The fires of the last 30 days together."""
        return sum(self.per_day)


def found(session: Session, store: Store, text: str = "", subject: str = "") -> list[Automation]:
    """The store's automations in their order, those whose name or sentence has `text`."""
    both = joinedload(Automation.latest_version), joinedload(Automation.active_version)
    query = sa.select(Automation).where(Automation.store_id == store.id).options(*both)
    rows = session.scalars(query.order_by(Automation.position, Automation.id)).all()
    words = StoreWords(session, store)
    asked = text.casefold().strip()
    return [
        row
        for row in rows
        if (not subject or row.draft.get("subject") == subject) and _says(row, asked, words)
    ]


def rows_of(session: Session, store: Store, automations: Sequence[Automation], now: dt.datetime) -> list[Row]:
    """The rows of one page, with two queries for however many."""
    words = StoreWords(session, store)
    ids = [automation.id for automation in automations]
    counts, last = _per_day(session, ids, now), _last_fired(session, ids)
    days = [(now - dt.timedelta(days=back)).date().isoformat() for back in range(DAYS - 1, -1, -1)]
    return [
        Row(
            automation=one,
            sentence=drafts.in_words(words, one.draft),
            per_day=tuple(counts[one.id].get(day, 0) for day in days),
            last_fired=last.get(one.id),
        )
        for one in automations
    ]


def _says(automation: Automation, asked: str, words: StoreWords) -> bool:
    if not asked or asked in automation.name.casefold():
        return True
    return asked in text_of(drafts.in_words(words, automation.draft)).casefold()


def _per_day(session: Session, ids: Sequence[int], now: dt.datetime) -> Mapping[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    if not ids:
        return found
    day = sa.func.date(Evaluation.at)
    query = sa.select(Evaluation.automation_id, day, sa.func.count()).where(
        Evaluation.automation_id.in_(ids),
        Evaluation.outcome == "fired",
        Evaluation.at >= now - dt.timedelta(days=DAYS),
    )
    for automation_id, date, count in session.execute(query.group_by(Evaluation.automation_id, day)):
        found[automation_id][str(date)] = count
    return found


def _last_fired(session: Session, ids: Sequence[int]) -> Mapping[int, dt.datetime]:
    # A grouped maximum would read every evaluation there ever was; this reads one per automation.
    last = (
        sa.select(Evaluation.at)
        .where(Evaluation.automation_id == Automation.id, Evaluation.outcome == "fired")
        .order_by(Evaluation.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(Automation.id, last).where(Automation.id.in_(ids))
    return {automation_id: at for automation_id, at in session.execute(query) if at} if ids else {}
