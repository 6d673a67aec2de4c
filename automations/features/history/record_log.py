"""The log of a record: why each automation did or did not run, computed from facts that never change."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures import outcomes
from automations.features.figures.standings import FIRED, rank_of, rank_of_run
from automations.features.history.listeners import LOOKED_AT_ALONE
from automations.features.history.log_entries import ERROR, NOT_APPLICABLE, LogEntry, LogPage
from automations.features.history.log_verdicts import OUTCOMES, entries_of
from automations.features.history.log_walk import newest
from automations.models.accounts import merged_customers
from automations.models.settings.choices import StoreWords
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import Run
from automations.models.tables.store import Store


def log_for_record(
    session: Session,
    store: Store,
    words: StoreWords,
    subject: str,
    record_id: int,
    *,
    before: int | None = None,
    outcome: str | None = None,
    limit: int = 20,
) -> LogPage:
    """Return the record's occurrences older than the id `before`, newest first, with what came of each.

    `outcome` is one of OUTCOMES, such as sent or not_applicable; any other value means no filter.
    """
    wanted = outcome if outcome in OUTCOMES else None
    ids = merged_customers.ids_of(session, record_id) if subject == "customer" else [record_id]
    query = sa.select(Occurrence.id).where(Occurrence.store_id == store.id, Occurrence.subject == subject)
    if before is not None:
        query = query.where(Occurrence.id < before)
    if wanted and wanted != NOT_APPLICABLE:
        query = query.where(_came_of_it(wanted))
    # Each record's own newest: of several at once the databases may walk through the store's whole log.
    of_each = newest([query.where(Occurrence.record_id == id) for id in ids], Occurrence.id, limit + 1)
    found = sa.select(Occurrence).where(Occurrence.id.in_(of_each)).order_by(Occurrence.id.desc())
    rows = session.scalars(found).all()
    entries = entries_of(session, words, rows[:limit], wanted)
    return LogPage(tuple(entries), rows[limit - 1].id if len(rows) > limit else None)


def one_occurrence(session: Session, words: StoreWords, occurrence: Occurrence) -> LogEntry:
    """Return one occurrence with every automation that listened, at most LOOKED_AT_ALONE of those that did
    not apply.
    """
    return entries_of(session, words, [occurrence], nearest=LOOKED_AT_ALONE)[0]


def _came_of_it(outcome: str) -> sa.ColumnElement[bool]:
    """Return whether an occurrence has an evaluation row with this outcome."""
    rows = sa.select(Evaluation.id).where(Evaluation.occurrence_id == Occurrence.id)
    if outcome in (FIRED, ERROR):
        return rows.where(Evaluation.outcome == outcome).exists()
    worst = sa.select(sa.func.max(rank_of_run())).where(Run.evaluation_id == Evaluation.id)
    meant = outcomes.GOES_WRONG if outcome == outcomes.WRONG else (outcome,)
    return rows.where(worst.scalar_subquery().in_([rank_of(one) for one in meant])).exists()
