"""The column that decides when a span is due, and the indexed queries on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import CUSTOM
from automations.engine.rules import calendar_ranges
from automations.engine.rules.calendar import Anchor, due_between
from automations.engine.rules.lateness import GRACE
from automations.engine.rules.trigger_schedule import DateReached, StaysInStatus
from automations.features.scheduling.listening_spans import Span
from automations.pipeline.records.custom_date_index import OWN_DATE_TABLE, day_of
from automations.pipeline.records.record_kinds import KINDS, Row

#: Records read, locked and written in one transaction.
PAGE = 200
#: Repeats, or years, that are searched ahead.
TURNS = 130
#: A record may be created this much later than the instant it carries; what was due in between counts.
SETTLE = GRACE

Candidate = tuple[Any, int]


class NoColumn(ValueError):
    """The date counted from has no column of its own, so nothing can be found by it."""


@dataclass(frozen=True, slots=True)
class DueQuery:
    """How the records of a span are found, and the instants at which each is due."""

    span: Span
    table: sa.Table
    #: The column that the schedule counts from.
    column: sa.Column[Any]
    counted: DateReached
    #: The status that the record must be in, as (column, key).
    status: tuple[str, str] | None = None
    #: The key, in the record's `custom`, of the store's own field that holds the date.
    own: str = ""

    @classmethod
    def of(cls, span: Span) -> DueQuery:
        """Return how to watch `span`. Raises NoColumn."""
        schedule, table = span.schedule, KINDS[span.subject].table
        if isinstance(schedule, StaysInStatus):
            column = table.c[f"{schedule.status_field}_since"]
            return cls(span, table, column, schedule.counted, (schedule.status_field, schedule.status))
        if isinstance(schedule, DateReached) and schedule.field.startswith(CUSTOM):
            own = schedule.field.removeprefix(CUSTOM)
            return cls(span, table, OWN_DATE_TABLE.c.day, schedule, own=own)
        if not isinstance(schedule, DateReached) or schedule.field not in table.c:
            raise NoColumn(f"Version {span.live.version_id} counts from a date that is not kept as a column.")
        return cls(span, table, table.c[schedule.field], schedule)

    def look(self, session: Session, ids: Collection[int]) -> list[Row]:
        """Read only the columns of these records that `instants` needs."""
        table = self.table
        columns = [table.c.id, table.c.created_at, table.c.updated_at]
        columns.append(table.c.custom if self.own else self.column)
        if self.status:
            columns.append(table.c[self.status[0]])
        rows = session.execute(sa.select(*columns).where(table.c.id.in_(ids))).mappings()
        return [dict(row) for row in rows]

    def value(self, row: Row) -> Anchor | None:
        """Return the date of a record that the schedule counts from."""
        anchor: Anchor | None = day_of(row, self.own) if self.own else row[self.column.name]
        return anchor

    def instants(self, row: Row, low: dt.datetime, high: dt.datetime) -> list[dt.datetime]:
        """Return the instants in (low, high] at which this record, as it is now, is due; distinct, in
        order.
        """
        # Instants before the record existed were never due for it.
        return self.all_instants(row, max(low, row["created_at"] - SETTLE), high)

    def all_instants(self, row: Row, low: dt.datetime, high: dt.datetime) -> list[dt.datetime]:
        """Return the same, with those that were over when the record was made."""
        value = self.value(row)
        if value is None or (self.status and row[self.status[0]] != self.status[1]):
            return []
        return due_between(self.counted, value, low, high, self.span.zone)

    @property
    def changed_column(self) -> str:
        """The name under which an occurrence says that the date, or the status, changed."""
        return self.status[0] if self.status else ("custom" if self.own else self.column.name)

    def pages(self, session: Session, low: dt.datetime, high: dt.datetime) -> Iterator[list[int]]:
        """Yield pages of ids of records that may be due in (low, high], in the order of the column."""
        for first, last in calendar_ranges.ranges(self.counted, low, high, self.span.zone, self._days):
            for rows in self.rows(session, first, last, PAGE):
                yield [id for _, id in rows]

    def soonest(
        self, session: Session, low: dt.datetime, high: dt.datetime, size: int
    ) -> Iterator[list[int]]:
        """Return the ids of the `size` records due soonest, for the first time and for each repeat."""
        turns = calendar_ranges.by_turn(self.counted, low, high, self.span.zone, self._days)
        for first, last in islice(turns, TURNS):
            yield [id for _, id in next(self.rows(session, first, last, size), ())]

    def rows(
        self, session: Session, first: Anchor, last: Anchor, size: int
    ) -> Iterator[Sequence[sa.Row[Any, int]]]:
        """Yield pages of (value, id) of records with a value from `first` to `last`, in order."""
        after: Candidate | None = None
        while rows := session.execute(self._page(first, last, after, size)).all():
            yield rows
            if len(rows) < size:
                return
            after = (rows[-1][0], rows[-1][1])

    @property
    def _days(self) -> bool:
        return isinstance(self.column.type, sa.Date)

    def _page(self, first: Anchor, last: Anchor, after: Candidate | None, size: int) -> sa.Select[Any, int]:
        table, column = self.column.table, self.column
        id = table.c.record_id if self.own else table.c.id
        query = sa.select(column, id).where(table.c.store_id == self.span.store_id)
        if self.status:
            query = query.where(table.c[self.status[0]] == self.status[1])
        if self.own:
            query = query.where(table.c.subject == self.span.subject, table.c.key == self.own)
        query = query.where(column >= (after[0] if after else first), column <= last)
        if after:
            query = query.where(sa.or_(column > after[0], id > after[1]))
        return query.order_by(column, id).limit(size)
