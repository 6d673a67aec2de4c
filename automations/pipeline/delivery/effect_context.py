"""What the line gives to an effect: its part of the run, and records it can change as the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.inside_action import EffectContext
from automations.engine.fields.subject import Field
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.intake import custom_values
from automations.pipeline.intake.amounts import Amounts
from automations.pipeline.providers.causation_token import link, link_of
from automations.pipeline.records.change import Cause, Change
from automations.pipeline.records.record_kinds import KINDS, locked_rows


@dataclass(frozen=True)
class RecordsOfRun:
    """The records of a store; what changes one goes through `receive`, with the chain as its cause."""

    session: Session
    store: Store
    cause: Cause
    now: dt.datetime

    @cached_property
    def words(self) -> StoreWords:
        return StoreWords(self.session, self.store)

    def locked(self, subject: str, number: str) -> Mapping[str, Any] | None:
        return locked_rows(self.session, KINDS[subject], self.store.id, {number}).get(number)

    def amount(self, currency: str, text: str) -> Decimal:
        return Amounts(currency)[text]

    def custom_value(self, field: Field, text: str, currency: str) -> Any:
        return custom_values.custom_value(field, text, currency or self.store.currency)

    def change(self, subject: str, number: str, values: Mapping[str, Any]) -> bool:
        changes = [Change(number, values)]
        (received,) = receive(self.session, self.store, subject, changes, self.cause, self.now, self.words)
        return bool(received.triggers)


def context_of(session: Session, run_id: int, part: int, now: dt.datetime) -> EffectContext:
    """Return the context of one part of a run."""
    wanted = sa.select(Run.store_id, Version.name, Occurrence).select_from(Run).join(Run.evaluation)
    joined = wanted.join(Evaluation.version).join(Evaluation.occurrence).where(Run.id == run_id)
    store_id, name, occurrence = session.execute(joined).one()
    snapshot = occurrence.snapshot
    customer = snapshot if occurrence.subject == "customer" else snapshot.get("customer") or {}
    store = session.get_one(Store, store_id)
    cause = link(Cause("automation", f"automation “{name}”"), run_id, *link_of(occurrence))
    return EffectContext(
        store=store,
        run_id=run_id,
        part=part,
        subject=occurrence.subject,
        record_id=occurrence.record_id,
        number=str(snapshot["number"]),
        customer_number=str(customer.get("number") or ""),
        now=now,
        records=RecordsOfRun(session, store, cause, now),
    )
