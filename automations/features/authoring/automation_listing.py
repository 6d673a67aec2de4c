"""The list of automations: the sentence of each, and what became of it lately."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.engine.wording.wording import Part, text_of
from automations.features.authoring import drafts
from automations.features.figures.day_figures import figures, last_days
from automations.features.figures.outcomes import DROPPED, ERROR, SERIES, series_of
from automations.features.figures.standings import outcome_of
from automations.models.db.text_search import has_words
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.store import Store

DAYS = 30


@dataclass(frozen=True)
class ListingRow:
    """One automation of the list.

    `days` holds the store’s last 30 days, oldest first: how often it fired by series, a key of SERIES or
    DROPPED.
    """

    automation: Automation
    sentence: Sequence[Part]
    days: tuple[Mapping[str, int], ...]
    last_fired: dt.datetime | None

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """How often it fired in these days, by series."""
        totals = Counter[str]()
        for day in self.days:
            totals.update(day)
        return totals

    @property
    def fires(self) -> int:
        """Return how often it fired in these days; what could not be evaluated did not fire."""
        return sum(count for series, count in self.totals.items() if series != ERROR)


def matching_ids(
    session: Session, store: Store, text: str = "", subject: str = "", group: str = ""
) -> list[int]:
    """Return the ordered ids of unarchived automations whose name and sentence have all words of `text`."""
    in_list = sa.and_(Automation.store_id == store.id, Automation.archived_at.is_(None))
    if group:
        in_list = sa.and_(in_list, Automation.group_name == group)
    order = (Automation.position, Automation.id)
    needle = text.strip()
    if not needle and not subject:
        return list(session.scalars(sa.select(Automation.id).where(in_list).order_by(*order)))
    words = StoreWords(session, store)
    rows = session.execute(
        sa.select(Automation.id, Automation.name, Automation.draft).where(in_list).order_by(*order)
    )
    return [
        id
        for id, name, draft in rows
        if (not subject or draft.get("subject") == subject) and _says(name, draft, needle, words)
    ]


def rows_of(session: Session, store: Store, ids: Sequence[int], now: dt.datetime) -> list[ListingRow]:
    """Return the rows of one page in the order of `ids`, in three queries."""
    words = StoreWords(session, store)
    counts, last = _per_day(session, store, ids, now), _last_fired(session, ids)
    return [
        ListingRow(
            automation=automation,
            sentence=drafts.in_words(words, automation.draft),
            days=tuple(counts.get((automation.id, place), {}) for place in range(DAYS)),
            last_fired=last.get(automation.id),
        )
        for automation in automations(session, ids)
    ]


def automations(session: Session, ids: Sequence[int]) -> list[Automation]:
    """Return the automations in the order of `ids`, with their versions."""
    versions = joinedload(Automation.latest_version), joinedload(Automation.active_version)
    rows = session.scalars(sa.select(Automation).where(Automation.id.in_(ids)).options(*versions))
    by_id = {row.id: row for row in rows}
    return [by_id[id] for id in ids if id in by_id]


def _says(name: str, draft: Mapping[str, Any], needle: str, words: StoreWords) -> bool:
    return has_words(name, needle) or has_words(f"{name} {text_of(drafts.in_words(words, draft))}", needle)


def _per_day(
    session: Session, store: Store, ids: Sequence[int], now: dt.datetime
) -> Mapping[tuple[int, int], Mapping[str, int]]:
    """Return by automation and day, counted from the oldest, how often it fired, by series."""
    counts: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    days = last_days(store.timezone, now, DAYS)
    for figure in figures(session, store, days, ids) if ids else ():
        series = series_of(outcome_of(figure.standing))
        if series in SERIES or series == DROPPED:
            counts[figure.automation_id, (figure.day - days[0]).days][series] += figure.count
    return counts


def _last_fired(session: Session, ids: Sequence[int]) -> Mapping[int, dt.datetime]:
    # A grouped maximum would read every evaluation ever written; this reads one per automation.
    last = (
        sa.select(Evaluation.at)
        .where(Evaluation.automation_id == Automation.id, Evaluation.outcome == "fired")
        .order_by(Evaluation.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(Automation.id, last).where(Automation.id.in_(ids))
    return {automation_id: at for automation_id, at in session.execute(query) if at} if ids else {}
