"""The last look at a claimed run, just before it leaves: may anything stop it by now? Part of: perform.

A workflow claims up to twenty runs at once, and a slow provider may take a minute for those before this one.
The look is one read. It says yes too often rather than too seldom: the run is then claimed anew, with all
that is asked there.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.tables.automation import Automation
from automations.models.tables.customer import ERASED, Customer
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from automations.pipeline.delivery import closed_endpoints, ownership
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.evaluation.frequency_caps import customer_of
from automations.pipeline.evaluation.quiet_hours import after_quiet_hours
from automations.pipeline.records import current_records
from automations.pipeline.runs import fence, held_while_off, store_hold
from automations.pipeline.runs.claimed_run import ClaimedRun


def may_be_stopped(session: Session, run: ClaimedRun, now: dt.datetime) -> bool:
    """Return whether the run is no longer ours, or something may have changed that stops it."""
    row = session.execute(_question(run)).first()
    if row is None or row.is_stopped:
        return True
    if run.kind in MARKETING and after_quiet_hours(now, ZoneInfo(row.timezone), row.quiet_hours) > now:
        return True
    return run.present is not None and _record_changed(session, run, row.record_id)


def _question(run: ClaimedRun) -> sa.Select[bool, str, object, int]:
    stops = [
        held_while_off.is_off(),
        Automation.archived_at.is_not(None),
        ownership.MAY_NOT_ACT,
        store_hold.is_on_hold(),
        closed_endpoints.is_closed(run),
        sa.func.coalesce(Customer.first_name == ERASED, sa.false()),
    ]
    if run.kind in MARKETING:
        stops.append(sa.not_(sa.func.coalesce(Customer.marketing_consent, sa.false())))
    columns = (sa.or_(*stops).label("is_stopped"), Store.timezone, Store.quiet_hours, Occurrence.record_id)
    joined = sa.select(*columns).select_from(Run).join(Run.evaluation).join(Evaluation.automation)
    joined = joined.join(Evaluation.occurrence).join(Store, Store.id == Run.store_id)
    customer = Customer.id == (customer_of(run.subject, run.snapshot) or 0)
    joined = ownership.with_owner(joined).outerjoin(Customer, customer)
    return joined.where(fence.claimed_as(run.run_id, run.workflow_id, run.number))


def _record_changed(session: Session, run: ClaimedRun, record_id: int) -> bool:
    """Return whether the record of a run that had to wait is not as it was when the run was claimed."""
    store = session.get_one(Store, run.store_id)
    return current_records.present(session, run.subject, store, record_id) != run.present
