"""The last look at a claimed run, just before it leaves: may anything stop it by now? Part of: perform.

A workflow claims up to twenty runs at once, and a slow provider may take a minute for those before this one.
The look is one query for the runs that leave at the same moment; a message is looked at in the transaction
that begins it. It says yes too often rather than too seldom:
the run is then claimed anew, with all that is asked there. About one run it is asked without lists: what has
lists is planned by Postgres each time, which takes longer than all else that one message needs there.
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
from automations.models.tables.called_host import ClosedEndpoint
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
    of_marketing = any(run.kind in MARKETING for run in runs)
    customer_ids = [customer_of(run.subject, run.snapshot) or 0 for run in runs]
    urls = [closed_endpoints.url_of(run.settings) for run in runs]
    if len(runs) == 1:
        about = {"run_id": runs[0].run_id, "customer_id": customer_ids[0], "url": urls[0]}
        rows = _LOOKS[of_marketing, True].rows(session, **about)
    else:
        lists = {"customer_ids": list(set(customer_ids)), "urls": list(set(filter(None, urls)))}
        rows = _LOOKS[of_marketing, False].rows(session, run_ids=[run.run_id for run in runs], **lists)
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


def _question(dialect: str, of_marketing: bool, of_one: bool) -> sa.Select[Any]:
    """Return one question for all of them: what stops one of their customers stops each."""
    if of_one:
        is_asked = Run.id == sa.bindparam("run_id")
        has_url = ClosedEndpoint.url == sa.bindparam("url")
        now_id = sa.select(_now_id(sa.bindparam("customer_id", type_=Customer.id.type)))
    else:
        is_asked = in_list(Run.id, "run_ids", dialect)
        has_url = in_list(ClosedEndpoint.url, "urls", dialect)
        named = listed("customer_ids", Customer.id.type, dialect)
        now_id = sa.select(_now_id(named)).select_from(named.table)
    # As a table of its own: a question in a question in a question would not know whom it is about.
    now = now_id.subquery("now")
    customer = sa.select(Customer.id).where(Customer.id == now.c.id)
    stops = [
        # Archived ones are off too; campaigns never are, though nobody sees their automation.
        held_while_off.is_off(),
        ownership.MAY_NOT_ACT,
        store_hold.is_on_hold(),
        closed_endpoints.is_closed(has_url),
        customer.where(Customer.first_name == ERASED).correlate(None).exists(),
    ]
    if of_marketing:
        consents = customer.where(Customer.marketing_consent.is_(True)).exists()
        stops.append(sa.select(now.c.id).where(sa.not_(consents)).exists())
    columns = (Run.id, Run.tries, Run.workflow_id, Occurrence.record_id, Store.timezone, Store.quiet_hours)
    joined = sa.select(*columns, sa.or_(*stops).label("is_stopped")).select_from(Run)
    joined = joined.join(Run.evaluation).join(Evaluation.automation).join(Evaluation.occurrence)
    joined = ownership.with_owner(joined.join(Store, Store.id == Run.store_id))
    return joined.where(is_asked, UNINDEXED_STATE == RUNNING)


def _now_id(customer_id: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return merged_customers.now_id(customer_id).label("id")


#: By whether the runs are marketing, and whether it is one.
_LOOKS = {
    (of_marketing, of_one): Lookup(partial(_question, of_marketing=of_marketing, of_one=of_one))
    for of_marketing in (False, True)
    for of_one in (False, True)
}


def _record_changed(session: Session, run: ClaimedRun, record_id: int) -> bool:
    """Return whether the record of a run that had to wait is not as it was when the run was claimed."""
    store = session.get_one(Store, run.store_id)
    return current_records.present(session, run.subject, store, record_id) != run.present
