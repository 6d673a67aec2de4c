"""What an effect inside our own database is: what it may know, how it is previewed, how it refuses."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import Prepared
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from automations.pipeline.providers.causation_token import link, link_of
from automations.pipeline.records.change import Cause


class EffectRefused(Exception):
    """It cannot be done and another try would not help; nothing was written. `str(error)` is a sentence."""


@dataclass(frozen=True, slots=True)
class EffectContext:
    """One part of a run, the record it is about and the chain it belongs to."""

    store: Store
    run_id: int
    part: int
    subject: str
    record_id: int
    number: str
    customer_number: str
    cause: Cause
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What an effect would do, as a reader sees it before it is done."""

    head: str
    title: str
    body: str = ""
    lines: tuple[str, ...] = ()


class Effect(ABC):
    """The effect of one kind of inside action. It has no state."""

    #: The key of the action.
    kind: ClassVar[str]

    @abstractmethod
    def apply(self, session: Session, context: EffectContext, prepared: Prepared) -> str:
        """Write what `prepare` made; return a sentence that says what was done.

        Raises EffectRefused before anything is written.
        """

    @abstractmethod
    def preview(self, prepared: Prepared) -> Preview:
        """Return what `apply` would do; nothing is read or written."""


def recipient_words(prepared: Prepared) -> str:
    """Return whom it is for: a role with the people who have it, or a person."""
    return f"{prepared.to} ({prepared.to_name})" if prepared.to_name else prepared.to


def context_of(session: Session, run_id: int, part: int, now: dt.datetime) -> EffectContext:
    """Return the context of one part of a run."""
    wanted = sa.select(Run.store_id, Version.name, Occurrence).select_from(Run).join(Run.evaluation)
    joined = wanted.join(Evaluation.version).join(Evaluation.occurrence).where(Run.id == run_id)
    store_id, name, occurrence = session.execute(joined).one()
    snapshot = occurrence.snapshot
    customer = snapshot if occurrence.subject == "customer" else snapshot.get("customer") or {}
    return EffectContext(
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
