"""Actions with an effect in our own database: what an effect may know and use, how it refuses."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import Action, Prepared
from automations.connectors.connector_set import Connectors
from automations.connectors.receipts import Receipt
from automations.engine.fields.subject import Field
from automations.engine.wording.formats import Formats
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store


class EffectRefused(Exception):
    """It cannot be done and another try would not help; nothing was written. `str(error)` is a sentence."""


class StoreRecords(Protocol):
    """The records of the store, as the line lets an effect read and change them."""

    @property
    def words(self) -> StoreWords:
        """The lists and custom fields of the store, read once per part."""
        ...

    def locked(self, subject: str, number: str) -> Mapping[str, Any] | None:
        """Return the columns of a record, locked until the transaction ends; None if there is none."""
        ...

    def amount(self, currency: str, text: str) -> Decimal:
        """Return an amount of money as its column takes it. Raises ValueError with a sentence."""
        ...

    def custom_value(self, field: Field, text: str, currency: str) -> Any:
        """Return a value of a custom field as records keep it; `currency` is the record's, "" the store's.

        Raises InvalidValue with what to change.
        """
        ...

    def change(self, subject: str, number: str, values: Mapping[str, Any]) -> bool:
        """Change columns of a record, with the run as the cause; return whether any value is new."""
        ...


@dataclass(frozen=True, slots=True)
class EffectContext:
    """One part of a run, and the record it is about."""

    store: Store
    run_id: int
    part: int
    subject: str
    record_id: int
    number: str
    customer_number: str
    now: dt.datetime
    records: StoreRecords


@dataclass(frozen=True, slots=True)
class Preview:
    """What an effect would do, as a reader sees it before it is done."""

    head: str
    title: str
    body: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordChange:
    """New values of the columns of one record; `shown` is the value as people read it."""

    subject: str
    number: str
    values: Mapping[str, Any]
    shown: str


class InsideAction(Action):
    """An action with an effect in our own database, written in the transaction that settles the run."""

    place = "inside"
    done = "Done"

    @abstractmethod
    def apply(self, session: Session, context: EffectContext, prepared: Prepared) -> str:
        """Write what `prepare` made; return a sentence that says what was done.

        Raises EffectRefused before anything is written.
        """

    @abstractmethod
    def preview(self, prepared: Prepared, formats: Formats) -> Preview:
        """Return what `apply` would do; nothing is read or written."""

    def foreseen(self, context: EffectContext, prepared: Prepared) -> RecordChange | None:
        """Return the change of a record that `apply` would make; None if it makes none.

        Nothing is written. Raises EffectRefused like `apply`.
        """
        return None

    def perform(self, prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
        """Return an empty receipt: nothing is sent."""
        return Receipt("", "")


def recipient_words(prepared: Prepared) -> str:
    """Return whom it is for: a role with the people who have it, or a person."""
    return f"{prepared.to} ({prepared.to_name})" if prepared.to_name else prepared.to
