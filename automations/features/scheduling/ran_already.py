"""For which records an automation has done something already, so that a person does not do it twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.figures.standings import NO_MESSAGES, stayed_here
from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import CANCELLED, FAILED, FINAL, SKIPPED, Run
from automations.models.tables.store import Store
from automations.pipeline.runs.claimed_run import some_left

#: What came of it: they got it, some of its recipients did, it still waits, it was only kept here, or
#: something without a message was done. The first outranks the others.
GOT, SOME, WAITS, KEPT, DONE = "got", "some", "waits", "kept", "done"
_STRENGTH = (GOT, SOME, WAITS, KEPT, DONE)
_UNDONE = (SKIPPED, CANCELLED, FAILED)
_FIRED = "fired"


@dataclass(frozen=True, slots=True)
class Ran:
    """What an automation did for a record, and when it last fired with that.

    `until` is when what waits is due, None if it is due already.
    """

    how: str
    at: dt.datetime
    until: dt.datetime | None = None

    @property
    def rank(self) -> tuple[int, dt.datetime]:
        return -_STRENGTH.index(self.how), self.at


def ran_already(
    session: Session, store: Store, automation_id: int, subject: str, ids: Collection[int], now: dt.datetime
) -> dict[int, Ran]:
    """Return what the automation did for each of these records, by id; the others are left out.

    A firing of which nothing came, because all its actions were skipped, cancelled or failed before anything
    was sent, does not count. One that failed for some of its recipients does: the others got theirs.
    """
    if not ids:
        return {}
    now_is = {id: id for id in ids}
    if subject == "customer" and store.has_merged_customers:
        merged = sa.select(CustomerMerge.merged_id, CustomerMerge.customer_id)
        valid = sa.and_(CustomerMerge.customer_id.in_(ids), CustomerMerge.undone_at.is_(None))
        now_is |= dict(session.execute(merged.where(valid)).all())
    of_records = sa.and_(
        Occurrence.store_id == store.id, Occurrence.subject == subject, Occurrence.record_id.in_(now_is)
    )
    fired = sa.and_(Evaluation.automation_id == automation_id, Evaluation.outcome == _FIRED)
    came = sa.or_(Run.state.not_in(_UNDONE), some_left())
    no_message, in_part = (Run.kind.in_(NO_MESSAGES), DONE), (Run.state.in_(_UNDONE), SOME)
    # What was tried and has reached some of its recipients waits for the others.
    waits = sa.and_(Run.state.not_in(FINAL), ~some_left())
    partly = sa.and_(Run.state.not_in(FINAL), some_left())
    how = sa.case(
        (waits, WAITS), (partly, SOME), no_message, (stayed_here(), KEPT), in_part, else_=GOT
    ).label("how")
    query = sa.select(Occurrence.record_id, how, sa.func.max(Evaluation.at), sa.func.max(Run.due_at))
    query = query.join(Evaluation, Evaluation.occurrence_id == Occurrence.id)
    query = query.join(Run, Run.evaluation_id == Evaluation.id).where(of_records, fired, came)
    ran: dict[int, Ran] = {}
    for id, what, at, due_at in session.execute(query.group_by(Occurrence.record_id, how)):
        found = Ran(what, at, due_at if what == WAITS and due_at > now else None)
        ran[now_is[id]] = max(found, ran.get(now_is[id], found), key=lambda one: one.rank)
    return ran
