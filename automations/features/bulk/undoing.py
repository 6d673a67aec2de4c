"""Takes a bulk change back: prepared like any other, so that it shows first what it would fire."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from automations.features.bulk import target_gathering
from automations.models.tables.bulk_change import CHANGED, DONE, STOPPED, BulkChange

#: A change can be undone so long: later the records have gone on.
FOR = dt.timedelta(days=1)
_OTHER_WAY = {"add_tag": "remove_tag", "remove_tag": "add_tag", "set": "set"}


def can_be_undone(change: BulkChange, now: dt.datetime) -> bool:
    """Return whether it is over, not long ago, and made of nothing that left the house."""
    if change.state not in (DONE, STOPPED) or change.task["kind"] not in _OTHER_WAY:
        return False
    return not change.undoes_id and now - change.created_at < FOR and bool((change.counts or {}).get(CHANGED))


def undo(session: Session, change: BulkChange, user_id: int, now: dt.datetime) -> BulkChange:
    """Begin the change that takes `change` back, inside write(): of the records that it did change."""
    task = {**change.task, "kind": _OTHER_WAY[change.task["kind"]]}
    return target_gathering.begin(
        session, change.store_id, user_id, change.subject, task, None, now, change.id
    )
