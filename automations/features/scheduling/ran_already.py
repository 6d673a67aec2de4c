"""For which records an automation has done something already, so that a person does not do it twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.customer_merge import CustomerMerge
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import CANCELLED, FAILED, SKIPPED, Run
from automations.models.tables.store import Store

#: The states of a run of which nothing came.
NOTHING = (SKIPPED, CANCELLED, FAILED)
_FIRED = "fired"


def ran_already(
    session: Session, store: Store, automation_id: int, subject: str, ids: Collection[int]
) -> dict[int, dt.datetime]:
    """Return when the automation last fired for each of these records, by id; the others are left out.

    A firing of which nothing came, because all its actions were skipped, cancelled or failed, does not count.
    """
    if not ids:
        return {}
    now_is = {id: id for id in ids}
    if subject == "customer" and store.has_merged_customers:
        merged = sa.select(CustomerMerge.merged_id, CustomerMerge.customer_id)
        valid = sa.and_(CustomerMerge.customer_id.in_(ids), CustomerMerge.undone_at.is_(None))
        now_is |= dict(session.execute(merged.where(valid)).all())
    came = sa.select(Run.id).where(Run.evaluation_id == Evaluation.id, Run.state.not_in(NOTHING)).exists()
    of_records = sa.and_(
        Occurrence.store_id == store.id, Occurrence.subject == subject, Occurrence.record_id.in_(now_is)
    )
    fired = sa.and_(Evaluation.automation_id == automation_id, Evaluation.outcome == _FIRED, came)
    query = sa.select(Occurrence.record_id, sa.func.max(Evaluation.at))
    query = query.join(Evaluation, Evaluation.occurrence_id == Occurrence.id).where(of_records, fired)
    ran: dict[int, dt.datetime] = {}
    for id, at in session.execute(query.group_by(Occurrence.record_id)):
        ran[now_is[id]] = max(at, ran.get(now_is[id], at))
    return ran
