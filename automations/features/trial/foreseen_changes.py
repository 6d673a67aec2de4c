"""The record as earlier actions of a draft would leave it, for texts of later ones. Nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import Prepared
from automations.actions.shared.inside_action import EffectContext, InsideAction, RecordChange
from automations.engine.fields.subjects import SUBJECTS
from automations.models.tables.balance import balance_due
from automations.models.tables.store import Store
from automations.pipeline.delivery.effect_context import RecordsOfRun
from automations.pipeline.records.change import Cause
from automations.pipeline.records.evaluation_context import merged, plain

Snapshot = Mapping[str, Any]


@dataclass(frozen=True)
class TriedRecord(RecordsOfRun):
    """A record of the trial as an effect reads it."""

    snapshot: Snapshot
    subject: str

    def locked(self, subject: str, number: str) -> Mapping[str, Any] | None:
        """Return the columns of the record or of its customer, as the snapshot has them."""
        values = self.snapshot if subject == self.subject else self.snapshot.get("customer")
        if not values:
            return None
        return {column: values.get(entry.key) for column, entry in SUBJECTS[subject].columns.items()}


def foreseen(
    session: Session, store: Store, subject: str, snapshot: Snapshot, prepared: Prepared, now: dt.datetime
) -> Snapshot:
    """Return the snapshot after an action. Raises EffectRefused where the action would fail."""
    action = ACTIONS.get(prepared.kind)
    if not isinstance(action, InsideAction):
        return snapshot
    customer = snapshot if subject == "customer" else snapshot.get("customer") or {}
    context = EffectContext(
        store=store,
        run_id=0,
        part=0,
        subject=subject,
        record_id=0,
        number=str(snapshot.get("number") or ""),
        customer_number=str(customer.get("number") or ""),
        now=now,
        records=TriedRecord(session, store, Cause("automation", "a trial"), now, snapshot, subject),
    )
    change = action.foreseen(context, prepared)
    return _after(snapshot, subject, change) if change else snapshot


def _after(snapshot: Snapshot, subject: str, change: RecordChange) -> Snapshot:
    if change.subject != subject:
        return {**snapshot, "customer": _changed(snapshot.get("customer") or {}, change)}
    return _changed(snapshot, change)


def _changed(record: Snapshot, change: RecordChange) -> Snapshot:
    columns = SUBJECTS[change.subject].columns
    values = {column: plain(value) for column, value in merged(record, change.values).items()}
    changed = {**record, **{columns[column].key: value for column, value in values.items()}}
    if not {"total", "amount_paid"}.isdisjoint(values):
        amounts = (Decimal(changed.get(name) or 0) for name in ("total", "amount_paid", "amount_refunded"))
        changed["balance_due"] = str(balance_due(*amounts))
    if not {"first_name", "last_name"}.isdisjoint(values):
        changed["name"] = f"{changed['first_name']} {changed['last_name']}".strip()
    return changed
