"""The last look at a claimed run, just before it leaves: may anything stop it by now? Part of: perform.

A workflow claims up to twenty runs at once, and a slow provider may take a minute for those before this one.
The look is one query for the runs that leave at the same moment; a message is looked at in the transaction
that begins it. It says yes too often rather than too seldom:
the run is then claimed anew, with all that is asked there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.accounts import merged_customers
from automations.models.db.fast_select import Lookup, Row, in_list, listed
from automations.models.tables.customer import ERASED, Customer
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import RUNNING, UNINDEXED_STATE, Run
from automations.models.tables.store import Store
from automations.pipeline.delivery import closed_endpoints, ownership
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.evaluation.frequency_caps import customer_of
from automations.pipeline.evaluation.quiet_hours import after_quiet_hours
from automations.pipeline.records import current_records
from automations.pipeline.runs import held_while_off, store_hold
from automations.pipeline.runs.claimed_run import ClaimedRun


def may_be_stopped(session: Session, runs: Sequence[ClaimedRun], now: dt.datetime) -> set[int]:
    """Return those of the runs, of one kind, that are no longer ours or that something may have stopped."""
    question = _OF_MARKETING if any(run.kind in MARKETING for run in runs) else _OF_OTHERS
    rows = question.rows(
        session,
        run_ids=[run.run_id for run in runs],
        customer_ids=list({customer_of(run.subject, run.snapshot) or 0 for run in runs}),
        urls=list({url for run in runs if (url := closed_endpoints.url_of(run.settings))}),
    )
    found = {row["id"]: row for row in rows}
    return {run.run_id for run in runs if _may_be_stopped(session, run, found.get(run.run_id), now)}


def _may_be_stopped(session: Session, run: ClaimedRun, row: Row | None, now: dt.datetime) -> bool:
    if row is None or row["is_stopped"]:
        return True
    if (row["tries"], row["workflow_id"]) != (run.number, run.workflow_id):
        return True
    if run.kind in MARKETING and _is_quiet(row, now):
        return True
    return run.present is not None and _record_changed(session, run, row["record_id"])


def _is_quiet(row: Row, now: dt.datetime) -> bool:
    return after_quiet_hours(now, ZoneInfo(row["timezone"]), row["quiet_hours"]) > now


def _question(dialect: str, of_marketing: bool) -> sa.Select[Any]:
    """Return one question for all of them: what stops one of their customers stops each."""
    named = listed("customer_ids", Customer.id.type, dialect)
    # As a table of its own: a question in a question in a question would not know whom it is about.
    now = sa.select(merged_customers.now_id(named).label("id")).select_from(named.table).subquery("now")
    customer = sa.select(Customer.id).where(Customer.id == now.c.id)
    stops = [
        # Archived ones are off too; campaigns never are, though nobody sees their automation.
        held_while_off.is_off(),
        ownership.MAY_NOT_ACT,
        store_hold.is_on_hold(),
        closed_endpoints.is_one_closed(dialect),
        customer.where(Customer.first_name == ERASED).correlate(None).exists(),
    ]
    if of_marketing:
        consents = customer.where(Customer.marketing_consent.is_(True)).exists()
        stops.append(sa.select(now.c.id).where(sa.not_(consents)).exists())
    columns = (Run.id, Run.tries, Run.workflow_id, Occurrence.record_id, Store.timezone, Store.quiet_hours)
    joined = sa.select(*columns, sa.or_(*stops).label("is_stopped")).select_from(Run)
    joined = joined.join(Run.evaluation).join(Evaluation.automation).join(Evaluation.occurrence)
    joined = ownership.with_owner(joined.join(Store, Store.id == Run.store_id))
    return joined.where(in_list(Run.id, "run_ids", dialect), UNINDEXED_STATE == RUNNING)


_OF_MARKETING = Lookup(partial(_question, of_marketing=True))
_OF_OTHERS = Lookup(partial(_question, of_marketing=False))


def _record_changed(session: Session, run: ClaimedRun, record_id: int) -> bool:
    """Return whether the record of a run that had to wait is not as it was when the run was claimed."""
    store = session.get_one(Store, run.store_id)
    return current_records.present(session, run.subject, store, record_id) != run.present
