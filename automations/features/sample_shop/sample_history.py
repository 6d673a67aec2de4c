"""The sample shop while its history is written: the state, and the steps that change it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from sqlalchemy.orm import Session

from automations.models.settings.choices import StoreWords
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Cause, Change

TILL = Cause("api", "till “Front desk”")
WEB = Cause("api", "web shop")
DRIVER = Cause("api", "driver’s phone")
CARRIER = Cause("api", "Royal Mail tracking")
ROSA = Cause("person", "Rosa Lind")
ADA = Cause("person", "Ada Quill")

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@dataclass
class Shop:
    """One store being filled. Steps refer to records by number and name."""

    session: Session
    store: Store
    words: StoreWords
    manager: User
    accounts: Mapping[str, int]
    customers: dict[str, int] = field(default_factory=dict)
    #: Whether an automation fired since the runs were last performed.
    fired: bool = False


class HistoryStep(Protocol):
    """Something that happened in the shop."""

    @property
    def at(self) -> dt.datetime: ...

    def take(self, shop: Shop) -> None:
        """Take the step."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A record is created or changed; `customer` is a number, `account` a name."""

    at: dt.datetime
    subject: str
    number: str
    cause: Cause
    values: Mapping[str, Any]
    customer: str = ""
    account: str = ""

    def take(self, shop: Shop) -> None:
        """Send the change through `receive`, like every other change."""
        values = dict(self.values)
        if self.customer:
            values["customer_id"] = shop.customers[self.customer]
        if self.account:
            values["account_id"] = shop.accounts[self.account]
        change = Change(self.number, values)
        [got] = receive(shop.session, shop.store, self.subject, [change], self.cause, self.at, shop.words)
        shop.fired = shop.fired or got.fired > 0
        if self.subject == "customer":
            shop.customers[got.number] = got.id


def opening_hour(rng: Random, day: dt.datetime) -> dt.datetime:
    """Return a moment of that day between 08:00 and 17:30."""
    return day.replace(hour=8, minute=0, second=0, microsecond=0) + rng.randrange(570 * 60) * dt.timedelta(
        seconds=1
    )
