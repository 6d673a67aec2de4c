"""The log of a store: everything that happened, newest first, narrowed by the reader's filters."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.history import log_filter, log_queries
from automations.features.history.log_entries import LogEntry, VerdictLine
from automations.features.history.log_filter import ActivityPage, LogFilter
from automations.features.history.log_verdicts import entries_of, is_wanted
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import MANUAL, Occurrence
from automations.models.tables.run import FAILED, UNKNOWN, Run
from automations.models.tables.store import Store
from automations.pipeline.records.evaluation_context import occurrence_triggers

#: The outcomes that are stored as such, so that a page of them is read through the evaluations.
STORED = (log_filter.FIRED, log_filter.ERROR, log_filter.HELD, log_filter.CAPPED, log_filter.SHADOWED)
#: Occurrences evaluated for one page when the wanted outcome is computed rather than stored: 500, but the
#: first few mostly fill the page.
SCANNED = (50, 100, 150, 200)
COUNTED = 1000
EXPORTED = 50_000
EXPORTED_PAGES = 1000


def activity(
    session: Session,
    store: Store,
    words: StoreWords,
    filters: LogFilter,
    before: int | None = None,
    limit: int = 30,
) -> ActivityPage:
    """Return one page of the store's log; `before` is the `next` key of the page before it."""
    if filters.outcome in STORED:
        page = log_queries.evaluated(session, store.id, filters, before, limit)
    elif filters.outcome in log_filter.OF_FIRED:
        page = log_queries.acted(session, store.id, filters, before, limit)
    elif filters.automation_id or filters.outcome == log_filter.NOT_APPLICABLE:
        return _scanned(session, store, words, filters, before, limit)
    else:
        page = log_queries.occurrences(session, store.id, filters, before, limit)
    entries = entries_of(session, words, page.occurrences, nearest=0, brief=True)
    return ActivityPage(tuple(_narrowed(entry, filters) for entry in entries), page.next, page.looked_to)


def needs_you(session: Session, store: Store) -> int:
    """Return the number of runs that wait for a person's decision, counted up to COUNTED."""
    undecided = sa.select(Run.id).where(Run.store_id == store.id, Run.state.in_((FAILED, UNKNOWN)))
    return session.scalar(sa.select(sa.func.count()).select_from(undecided.limit(COUNTED).subquery())) or 0


def exported(session: Session, store: Store, words: StoreWords, filters: LogFilter) -> Iterator[LogEntry]:
    """Yield every entry of the filtered log, at most EXPORTED of them."""
    before, left = None, EXPORTED
    for _ in range(EXPORTED_PAGES):
        page = activity(session, store, words, filters, before, limit=200)
        yield from page.entries[:left]
        left -= len(page.entries)
        before = page.next
        # The session keeps what it read; a whole export of snapshots would not fit in memory.
        session.expunge_all()
        if before is None or left <= 0:
            return


def _scanned(
    session: Session, store: Store, words: StoreWords, filters: LogFilter, before: int | None, limit: int
) -> ActivityPage:
    """Return a page of occurrences that an automation listened to, computing those that did not apply, at
    most SCANNED.
    """
    versions = _versions(session, store, filters.automation_id) if filters.automation_id else None
    if versions == {}:
        return ActivityPage((), None)
    pairs = sorted(
        {(name, trigger) for name, key in (versions or {}).values() for trigger in occurrence_triggers(key)}
    )
    by_hand = sorted({(name, MANUAL) for name, _ in pairs}.difference(pairs))
    entries: list[LogEntry] = []
    for size in SCANNED:
        page = log_queries.occurrences(session, store.id, filters, before, size, pairs, by_hand)
        entries += _applying(session, words, page.occurrences, filters, versions)
        if len(entries) >= limit:
            return ActivityPage(tuple(entries[:limit]), entries[:limit][-1].id)
        before = page.next
        if before is None:
            break
    looked_to = page.occurrences[-1].at if page.next else None
    return ActivityPage(tuple(entries), page.next, looked_to)


def _applying(
    session: Session,
    words: StoreWords,
    occurrences: tuple[Occurrence, ...],
    filters: LogFilter,
    versions: Collection[int] | None,
) -> list[LogEntry]:
    wanted = filters.outcome if filters.outcome == log_filter.NOT_APPLICABLE else None
    entries = entries_of(session, words, occurrences, wanted, versions=versions)
    narrowed = [_narrowed(entry, filters) for entry in entries]
    return [entry for entry in narrowed if entry.verdicts]


def _narrowed(entry: LogEntry, filters: LogFilter) -> LogEntry:
    """Return the entry with only the verdicts that pass the filter."""
    if not filters.automation_id and not filters.outcome:
        return entry
    verdicts = tuple(verdict for verdict in entry.verdicts if _wanted(verdict, filters))
    return replace(entry, verdicts=verdicts, more=0)


def _wanted(verdict: VerdictLine, filters: LogFilter) -> bool:
    if filters.automation_id and verdict.automation_id != filters.automation_id:
        return False
    return is_wanted(verdict, filters.outcome)


def _versions(session: Session, store: Store, automation_id: int) -> dict[int, tuple[str, str]]:
    """Return the automation's versions, each with its (subject, trigger)."""
    of_automation = sa.and_(Version.store_id == store.id, Version.automation_id == automation_id)
    rows = session.execute(sa.select(Version.id, Version.subject, Version.trigger).where(of_automation))
    return {id: (subject, trigger) for id, subject, trigger in rows}
