"""Who belongs to which segment, kept up to date with every change of a customer or her orders.

Before: receive. A segment's conditions are those of rules on customers; entering and leaving one are
occurrences of the customer, with the cause of the change that brought it about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.engine.index.rule_index import RuleIndex
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.engine.rules.rule import Rule, rule_from
from automations.models.db import bulk_write
from automations.models.db.id_allocation import reserve
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import MANUAL
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.evaluation.evaluate import StoreEvaluator
from automations.pipeline.evaluation.loop_guard import Limits
from automations.pipeline.evaluation.outbox import Outbox, Triggered
from automations.pipeline.records import current_records
from automations.pipeline.records.change import Cause
from automations.pipeline.records.record_kinds import CHUNK, CUSTOMER_TABLE, Row

MEMBER_TABLE = SegmentMember.metadata.tables["segment_member"]
#: Customers looked at in one go.
PAGE = 500
#: And while a segment is being built.
LOOKED_AT = 2000
ENTERED, LEFT = "segment_entered", "segment_left"
#: (segment, customer).
Pair = tuple[int, int]


def rule_of(segment: Segment) -> Rule:
    """A segment in the form it is judged in."""
    return rule_from(segment.id, as_data(segment.conditions))


def as_data(conditions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rule data with these conditions, as checks and words take it."""
    trigger = {"key": MANUAL, "from": None, "to": None}
    return {"subject": "customer", "trigger": trigger, "conditions": list(conditions)}


def follow(
    session: Session, store: Store, customer_ids: Collection[int], cause: Cause, now: dt.datetime
) -> int:
    """Look at these customers again, and write down who entered or left what; how many moves that were.

    Call it inside `write()`.
    """
    segments = session.scalars(sa.select(Segment).where(Segment.store_id == store.id)).all()
    if not segments or not customer_ids:
        return 0
    # Of two changes at once, the second finds what the first one made of her.
    _lock(session, store, customer_ids)
    rows = current_records.rows_of(session, "customer", store.id, sorted(customer_ids))
    snapshots = current_records.snapshots(session, "customer", store, rows)
    entered, left = moves(session, store, segments, snapshots, now)
    _write(session, entered, left, now)
    seen = [(id, Triggered(ENTERED, None, str(segment))) for segment, id in entered]
    seen += [(id, Triggered(LEFT, str(segment), None)) for segment, id in left]
    if seen:
        _occur(session, store, rows, snapshots, seen, cause, now)
    return len(seen)


def moves(
    session: Session,
    store: Store,
    segments: Sequence[Segment],
    snapshots: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> tuple[list[Pair], list[Pair]]:
    """Which of these customers belong to a segment and are no members yet, and the other way round."""
    belong = _belonging(session, store, segments, snapshots, now)
    before = _members(session, [one["id"] for one in snapshots])
    return sorted(belong - before), sorted(before - belong)


def refresh(session: Session, store: Store, segment: Segment, now: dt.datetime) -> int:
    """Find the members of a new or changed segment; nobody enters or leaves by that. How many there are."""
    session.execute(sa.delete(MEMBER_TABLE).where(MEMBER_TABLE.c.segment_id == segment.id))
    count = 0
    for rows in pages(session, store.id):
        snapshots = current_records.snapshots(session, "customer", store, rows)
        found = sorted(_belonging(session, store, [segment], snapshots, now))
        _write(session, found, [], now)
        count += len(found)
    return count


@dataclass(frozen=True, slots=True)
class Fitting:
    """How many of the customers that were `looked_at` fit; `all_of_them` says that there are no others."""

    count: int
    looked_at: int
    all_of_them: bool


def fitting(
    session: Session, store: Store, conditions: Sequence[Mapping[str, Any]], now: dt.datetime
) -> Fitting:
    """Who would belong to a segment of these conditions, among the newest customers."""
    table = CUSTOMER_TABLE
    newest = sa.select(table).where(table.c.store_id == store.id).order_by(table.c.id.desc())
    found = [dict(row) for row in session.execute(newest.limit(LOOKED_AT + 1)).mappings()]
    rows = found[:LOOKED_AT]
    snapshots = current_records.snapshots(session, "customer", store, rows)
    index = RuleIndex([rule_from(1, as_data(conditions))], _custom(session, store))
    return Fitting(len(_fits(index, store, snapshots, now)), len(rows), len(rows) == len(found))


def pages(session: Session, store_id: int) -> Iterator[list[Row]]:
    """All customers of a store, page after page."""
    after = 0
    while True:
        mine = sa.and_(CUSTOMER_TABLE.c.store_id == store_id, CUSTOMER_TABLE.c.id > after)
        query = sa.select(CUSTOMER_TABLE).where(mine).order_by(CUSTOMER_TABLE.c.id).limit(PAGE)
        rows = [dict(row) for row in session.execute(query).mappings()]
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


def sizes(session: Session, store_id: int) -> dict[int, int]:
    """Segment -> its number of members."""
    counted = sa.select(SegmentMember.segment_id, sa.func.count()).join(
        Segment, Segment.id == SegmentMember.segment_id
    )
    rows = session.execute(counted.where(Segment.store_id == store_id).group_by(SegmentMember.segment_id))
    return dict(rows.all())


def _belonging(
    session: Session,
    store: Store,
    segments: Sequence[Segment],
    snapshots: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> set[Pair]:
    index = RuleIndex((rule_of(one) for one in segments), _custom(session, store))
    return _fits(index, store, snapshots, now)


def _fits(
    index: RuleIndex, store: Store, snapshots: Sequence[Mapping[str, Any]], now: dt.datetime
) -> set[Pair]:
    context = EvaluationContext(now.astimezone(ZoneInfo(store.timezone)))
    found: set[Pair] = set()
    for one in snapshots:
        facts = OccurrenceFacts("customer", MANUAL, one, context=context).read(index.fields, index.custom)
        found |= {(segment_id, one["id"]) for segment_id in index.fires(facts)}
    return found


def _custom(session: Session, store: Store) -> Mapping[str, Field] | None:
    return fields_of(session, store.id, removed=True).get("customer")


def _lock(session: Session, store: Store, customer_ids: Collection[int]) -> None:
    table = CUSTOMER_TABLE
    mine = sa.select(table.c.id).where(table.c.store_id == store.id, table.c.id.in_(customer_ids))
    # Not so strong that an order that names her has to wait, and never in another order.
    session.execute(mine.order_by(table.c.id).with_for_update(key_share=True))


def _members(session: Session, customer_ids: Sequence[int]) -> set[Pair]:
    columns, found = (MEMBER_TABLE.c.segment_id, MEMBER_TABLE.c.customer_id), set()
    for start in range(0, len(customer_ids), CHUNK):
        some = MEMBER_TABLE.c.customer_id.in_(customer_ids[start : start + CHUNK])
        found |= {(segment_id, id) for segment_id, id in session.execute(sa.select(*columns).where(some))}
    return found


def _write(session: Session, entered: Sequence[Pair], left: Sequence[Pair], now: dt.datetime) -> None:
    for segment_id, customer_id in left:
        one = sa.and_(MEMBER_TABLE.c.segment_id == segment_id, MEMBER_TABLE.c.customer_id == customer_id)
        session.execute(sa.delete(MEMBER_TABLE).where(one))
    ids = reserve(session, "segment_member", len(entered))
    rows = [
        {"id": id, "segment_id": segment_id, "customer_id": customer_id, "since": now}
        for id, (segment_id, customer_id) in zip(ids, entered, strict=True)
    ]
    bulk_write.insert(session, MEMBER_TABLE, rows)


def _occur(
    session: Session,
    store: Store,
    rows: Sequence[Row],
    snapshots: Sequence[dict[str, Any]],
    seen: Sequence[tuple[int, Triggered]],
    cause: Cause,
    now: dt.datetime,
) -> None:
    found = {row["id"]: (row, snapshot) for row, snapshot in zip(rows, snapshots, strict=True)}
    limits = Limits(session, store.id, "customer", cause, now, list(found))
    evaluator = StoreEvaluator(session, store.id, store.ruleset)
    outbox = Outbox(session, evaluator, store, "customer", cause, now, limits)
    for id, one in seen:
        outbox.add(*found[id], (one,), [])
    outbox.write()
