"""What an effect inside our own database may know, and how it says no."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.automation import Version
from automations.models.occurrence import Evaluation, Occurrence
from automations.models.run import Run
from automations.models.store import Store
from automations.pipeline.chains import link, link_of
from automations.pipeline.change import Cause


class EffectRefused(Exception):
    """It cannot be done, and another try would not help; nothing was written. `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class Around:
    """One run with the record it is about and the chain it stands in."""

    store: Store
    run_id: int
    part: int
    subject: str
    record_id: int
    number: str
    customer_number: str
    cause: Cause
    now: dt.datetime


def around(session: Session, run_id: int, part: int, now: dt.datetime) -> Around:
    """The surroundings of a run's part."""
    wanted = sa.select(Run.store_id, Version.name, Occurrence).select_from(Run).join(Run.evaluation)
    joined = wanted.join(Evaluation.version).join(Evaluation.occurrence).where(Run.id == run_id)
    store_id, name, occurrence = session.execute(joined).one()
    snapshot = occurrence.snapshot
    customer = snapshot if occurrence.subject == "customer" else snapshot.get("customer") or {}
    return Around(
        store=session.get_one(Store, store_id),
        run_id=run_id,
        part=part,
        subject=occurrence.subject,
        record_id=occurrence.record_id,
        number=str(snapshot["number"]),
        customer_number=str(customer.get("number") or ""),
        cause=link(Cause("automation", f"automation “{name}”"), run_id, *link_of(occurrence)),
        now=now,
    )
