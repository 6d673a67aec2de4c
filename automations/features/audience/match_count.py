"""How many customers the conditions of a segment match, shown while it is edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.rule import rule_from
from automations.models.db.newest_first import of_store
from automations.models.tables.store import Store
from automations.pipeline.evaluation.segment_membership import as_data, custom_fields, fitting
from automations.pipeline.records import current_records
from automations.pipeline.records.record_kinds import CUSTOMER_TABLE

#: The most customers read to count matches.
LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class MatchCount:
    """How many of the `looked_at` customers match; `all_of_them` says that the store has no others."""

    count: int
    looked_at: int
    all_of_them: bool


def count_matches(
    session: Session, store: Store, conditions: Sequence[Mapping[str, Any]], now: dt.datetime
) -> MatchCount:
    """Count the matches of a segment's conditions among the newest customers. Needs an app context."""
    newest = of_store(sa.select(CUSTOMER_TABLE), CUSTOMER_TABLE.c, store.id)
    newest_rows = [dict(row) for row in session.execute(newest.limit(LOOKED_AT + 1)).mappings()]
    rows = newest_rows[:LOOKED_AT]
    snapshots = current_records.snapshots(session, "customer", store, rows)
    index = RuleIndex([rule_from(1, as_data(conditions))], custom_fields(session, store))
    matches = fitting(index, store, snapshots, now)
    return MatchCount(len(matches), len(rows), len(rows) == len(newest_rows))
