"""What an action says after an earlier one of its automation changed the record. Beside: perform.

It waits until the earlier change is done, and is then written from the record as it is at that moment:
"Now Picked" leaves after the status became Picked, and says what the record says. A change that is meant to
happen later than the action itself is not waited for.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import FINAL, SUCCEEDED, WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.delivery.previous_responses import LOOK_AGAIN, NotYet
from automations.pipeline.records import current_records
from automations.pipeline.runs.claimed_run import ClaimedRun

_KINDS = [key for key, kind in ACTIONS.items() if kind.changes_record]
#: What messages to a customer are sent to.
_ADDRESSES = frozenset({"email", "phone"})
#: A change is done within milliseconds of its turn: until then the run that waits for it is not put off.
_SOON = dt.timedelta(seconds=5)


def follows_change(actions: Sequence[Mapping[str, Any]], position: int) -> bool:
    """Return whether an action of a version shows, or is sent to, what one before it changes."""
    changed = frozenset().union(*map(_changed_by, actions[:position]))
    if not changed:
        return False
    kind, settings = ACTIONS.get(str(actions[position].get("kind"))), actions[position]["settings"]
    if kind and kind.contacts_customer(settings) and changed & _ADDRESSES:
        return True
    words = "|".join(map(re.escape, changed))
    return re.search(rf"\b(?:{words})\b", json.dumps(settings, ensure_ascii=False)) is not None


def snapshot_for(session: Session, run: ClaimedRun, store: Store, now: dt.datetime) -> Mapping[str, Any]:
    """Return the record as the texts of the run show it.

    Raises NotYet while an earlier action of the same evaluation that is due has still to change it.
    """
    if not run.follows_change:
        return run.snapshot
    changes = _earlier_changes(session, run)
    for change in changes:
        if change.state not in FINAL and not (change.state == WAITING and change.due_at > now):
            raise NotYet(0 if now - change.due_at < _SOON else LOOK_AGAIN)
    if all(change.state != SUCCEEDED for change in changes):
        return run.snapshot
    return _present(session, run, store) or run.snapshot


def _changed_by(action: Mapping[str, Any]) -> frozenset[str]:
    kind = ACTIONS.get(str(action.get("kind")))
    return kind.changed_fields(action["settings"]) if kind else frozenset()


def _earlier_changes(session: Session, run: ClaimedRun) -> Sequence[Run]:
    position = sa.select(Run.position).where(Run.id == run.run_id).scalar_subquery()
    of_evaluation = sa.select(Run).where(Run.evaluation_id == run.evaluation_id, Run.kind.in_(_KINDS))
    earlier = of_evaluation.where(Run.position < position, Run.prepared.is_(None)).order_by(Run.position)
    return session.scalars(earlier.execution_options(populate_existing=True)).all()


def _present(session: Session, run: ClaimedRun, store: Store) -> Mapping[str, Any] | None:
    about = sa.select(Occurrence.record_id).join(Evaluation).where(Evaluation.id == run.evaluation_id)
    record_id = session.scalars(about).one()
    rows = current_records.rows_of(session, run.subject, run.store_id, [record_id])
    return next(iter(current_records.snapshots(session, run.subject, store, rows)), None)
