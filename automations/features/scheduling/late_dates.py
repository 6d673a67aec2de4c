"""Dates that were set after their time: whether a record is due at once for one, or not at all.

A reminder for the day before is over already for an order that is placed in the afternoon for tomorrow.
The automation says how late it may still be sent. A worker that was away is something else: what it finds
then was known in time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.lateness import GRACE, NEVER, is_late
from automations.features.scheduling.due_columns import PAGE, DueQuery
from automations.models.tables.occurrence import Occurrence
from automations.pipeline.records.evaluation_context import UPDATES
from automations.pipeline.records.record_kinds import Row

#: A record, the instant at which it is due, and whether that was over when the date was set.
Timed = tuple[Row, dt.datetime, bool]


def recent_pages(session: Session, watch: DueQuery, low: dt.datetime) -> Iterator[list[int]]:
    """Yield pages of ids of the records made or changed after `low`, if any of them may be due at once."""
    if watch.counted.late_limit == NEVER:
        return
    span = watch.span
    of_store = Occurrence.store_id == span.store_id
    # Ids and instants may disagree a little, so it looks back a little further.
    last = sa.select(Occurrence.id).where(of_store, Occurrence.at <= low - GRACE)
    before = session.scalar(last.order_by(Occurrence.id.desc()).limit(1)) or 0
    changed = sa.select(Occurrence.record_id).where(of_store, Occurrence.id > before).distinct()
    changed = changed.where(Occurrence.subject == span.subject, Occurrence.trigger.in_(("created", *UPDATES)))
    ids = sorted(session.scalars(changed))
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]


def timed(
    session: Session, watch: DueQuery, rows: Sequence[Row], low: dt.datetime, high: dt.datetime
) -> list[Timed]:
    """Return what is due of these records in (low, high], or at once because its date was set in between."""
    span, limit = watch.span, watch.counted.late_limit
    found = {row["id"]: watch.all_instants(row, low - limit, high) for row in rows}
    set_at = _set_at(session, watch, rows, found)
    items: list[Timed] = []
    for row in rows:
        known = set_at.get(row["id"])
        over = [at for at in found[row["id"]] if known and is_late(known - at)]
        items += [(row, at, False) for at in found[row["id"]] if at > low and at not in over]
        # Of several repeats that are over, the last one is enough.
        if known and over and known - over[-1] <= limit:
            recent = max(low - GRACE, span.started_at) < known <= high
            items += [(row, over[-1], True)] if recent else []
    return items


def _set_at(
    session: Session, watch: DueQuery, rows: Sequence[Row], found: Mapping[int, Sequence[dt.datetime]]
) -> dict[int, dt.datetime]:
    """Return when the date of a record was set, for those whose date may have been set after an instant."""
    oldest = {
        row["id"]: found[row["id"]][0]
        for row in rows
        if found[row["id"]] and is_late(row["updated_at"] - found[row["id"]][0])
    }
    if not oldest:
        return {}
    made = {row["id"]: row["created_at"] for row in rows if row["id"] in oldest}
    known = {id: at for id, at in made.items() if is_late(at - oldest[id])}
    columns = (Occurrence.record_id, Occurrence.at, Occurrence.trigger, Occurrence.changed, Occurrence.moment)
    of_records = sa.and_(
        Occurrence.store_id == watch.span.store_id,
        Occurrence.subject == watch.span.subject,
        Occurrence.record_id.in_(oldest),
        Occurrence.trigger.in_(("created", *UPDATES)),
    )
    since = sa.select(*columns).where(of_records, Occurrence.at > min(oldest.values()))
    for id, at, trigger, changed, moment in session.execute(since.order_by(Occurrence.id)):
        if trigger == "created" or _sets(watch, changed, moment):
            known[id] = at
    return known


def _sets(watch: DueQuery, changed: Collection[str] | None, moment: Mapping[str, object] | None) -> bool:
    """Whether an update set the date that is counted from."""
    if watch.changed_column not in (changed or ()):
        return False
    previous = (moment or {}).get("previous")
    return not watch.own or not isinstance(previous, Mapping) or watch.counted.field in previous
