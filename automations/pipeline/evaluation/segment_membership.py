"""Keeps the members of segments up to date with every change of a customer or their orders.

Before: receive. Segments have the conditions of rules on customers. Entering and leaving a segment are
occurrences of the customer, with the cause of the change that led to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
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
#: Customers read at a time.
PAGE = 500
ENTERED, LEFT = "segment_entered", "segment_left"
#: (segment, customer).
Pair = tuple[int, int]


def rule_of(segment: Segment) -> Rule:
    """Return the rule that a segment is evaluated as."""
    return rule_from(segment.id, as_data(segment.conditions))


def as_data(conditions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rule data with these conditions, as checks and wording take it."""
    trigger = {"key": MANUAL, "from": None, "to": None}
    return {"subject": "customer", "trigger": trigger, "conditions": list(conditions)}


def update_members(
    session: Session, store: Store, customer_ids: Collection[int], cause: Cause, now: dt.datetime
) -> int:
    """Update the segments of these customers, inside write(); return how often one entered or left.

    Each such move is an occurrence with this cause, unless it is quiet.
    """
    segments = session.scalars(sa.select(Segment).where(Segment.store_id == store.id)).all()
    if not segments or not customer_ids:
        return 0
    # Of two changes at once, the second has to see the memberships that the first one wrote.
    lock(session, store, customer_ids)
    rows = current_records.rows_of(session, "customer", store.id, sorted(customer_ids))
    snapshots = current_records.snapshots(session, "customer", store, rows)
    entered, left = membership_changes(session, store, segments, snapshots, now)
    _write(session, entered, left, now)
    moves = [(id, Triggered(ENTERED, None, str(segment))) for segment, id in entered]
    moves += [(id, Triggered(LEFT, str(segment), None)) for segment, id in left]
    if moves and not cause.quiet:
        _write_occurrences(session, store, rows, snapshots, moves, cause, now)
    return len(moves)


def membership_changes(
    session: Session,
    store: Store,
    segments: Sequence[Segment],
    snapshots: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> tuple[list[Pair], list[Pair]]:
    """Return which of these customers belong to a segment without being a member yet, and the reverse."""
    belong = _belonging(session, store, segments, snapshots, now)
    before = _members(session, [snapshot["id"] for snapshot in snapshots])
    return sorted(belong - before), sorted(before - belong)


def refresh(session: Session, store: Store, segment: Segment, now: dt.datetime) -> int:
    """Rebuild the members of a new or changed segment, without any occurrence; return how many there are."""
    session.execute(sa.delete(MEMBER_TABLE).where(MEMBER_TABLE.c.segment_id == segment.id))
    count = 0
    for rows in pages(session, store.id):
        snapshots = current_records.snapshots(session, "customer", store, rows)
        members = sorted(_belonging(session, store, [segment], snapshots, now))
        _write(session, members, [], now)
        count += len(members)
    return count


def pages(session: Session, store_id: int) -> Iterator[list[Row]]:
    """Yield all customers of a store, page by page."""
    after = 0
    while True:
        of_store = sa.and_(CUSTOMER_TABLE.c.store_id == store_id, CUSTOMER_TABLE.c.id > after)
        query = sa.select(CUSTOMER_TABLE).where(of_store).order_by(CUSTOMER_TABLE.c.id).limit(PAGE)
        rows = [dict(row) for row in session.execute(query).mappings()]
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


def size_of(session: Session, segment_id: int) -> int:
    """Return the number of members of one segment."""
    counted = sa.select(sa.func.count()).where(SegmentMember.segment_id == segment_id)
    return session.scalar(counted) or 0


def sizes(session: Session, store_id: int) -> dict[int, int]:
    """Return the number of members by segment id."""
    members = sa.select(sa.func.count()).where(SegmentMember.segment_id == Segment.id)
    # Each by itself: grouped, SQLite would sort all members of all segments.
    counted = sa.select(Segment.id, members.scalar_subquery()).where(Segment.store_id == store_id)
    return dict(session.execute(counted).all())


def _belonging(
    session: Session,
    store: Store,
    segments: Sequence[Segment],
    snapshots: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> set[Pair]:
    index = RuleIndex((rule_of(segment) for segment in segments), custom_fields(session, store))
    return fitting(index, store, snapshots, now)


def fitting(
    index: RuleIndex, store: Store, snapshots: Sequence[Mapping[str, Any]], now: dt.datetime
) -> set[Pair]:
    """Return which segments, the rules of an index, each of these customers belongs to at that instant."""
    context = EvaluationContext(now.astimezone(ZoneInfo(store.timezone)))
    pairs: set[Pair] = set()
    for snapshot in snapshots:
        facts = OccurrenceFacts("customer", MANUAL, snapshot, context=context).read(
            index.fields, index.custom
        )
        pairs |= {(segment_id, snapshot["id"]) for segment_id in index.fires(facts)}
    return pairs


def custom_fields(session: Session, store: Store) -> Mapping[str, Field] | None:
    """Return the store's own fields of customers, removed ones too; None without any."""
    return fields_of(session, store.id, removed=True).get("customer")


def lock(session: Session, store: Store, customer_ids: Collection[int]) -> None:
    """Lock these customers until the transaction ends, inside write()."""
    table = CUSTOMER_TABLE
    query = sa.select(table.c.id).where(table.c.store_id == store.id, table.c.id.in_(customer_ids))
    # Weak enough that an order naming the customer need not wait; in the order of ids, against deadlocks.
    session.execute(query.order_by(table.c.id).with_for_update(key_share=True))


def _members(session: Session, customer_ids: Sequence[int]) -> set[Pair]:
    columns, pairs = (MEMBER_TABLE.c.segment_id, MEMBER_TABLE.c.customer_id), set()
    for start in range(0, len(customer_ids), CHUNK):
        in_chunk = MEMBER_TABLE.c.customer_id.in_(customer_ids[start : start + CHUNK])
        pairs |= {(segment_id, id) for segment_id, id in session.execute(sa.select(*columns).where(in_chunk))}
    return pairs


def _write(session: Session, entered: Sequence[Pair], left: Sequence[Pair], now: dt.datetime) -> None:
    for segment_id, customer_id in left:
        membership = sa.and_(
            MEMBER_TABLE.c.segment_id == segment_id, MEMBER_TABLE.c.customer_id == customer_id
        )
        session.execute(sa.delete(MEMBER_TABLE).where(membership))
    ids = reserve(session, "segment_member", len(entered))
    rows = [
        {"id": id, "segment_id": segment_id, "customer_id": customer_id, "since": now}
        for id, (segment_id, customer_id) in zip(ids, entered, strict=True)
    ]
    bulk_write.insert(session, MEMBER_TABLE, rows)


def _write_occurrences(
    session: Session,
    store: Store,
    rows: Sequence[Row],
    snapshots: Sequence[dict[str, Any]],
    moves: Sequence[tuple[int, Triggered]],
    cause: Cause,
    now: dt.datetime,
) -> None:
    by_id = {row["id"]: (row, snapshot) for row, snapshot in zip(rows, snapshots, strict=True)}
    limits = Limits(session, store.id, "customer", cause, now, list(by_id))
    evaluator = StoreEvaluator(session, store.id, store.ruleset)
    outbox = Outbox(session, evaluator, store, "customer", cause, now, limits)
    for id, triggered in moves:
        outbox.add(*by_id[id], (triggered,), [])
    outbox.write()
