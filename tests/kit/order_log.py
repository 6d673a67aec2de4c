"""A shop's order log of many months, of which plain arithmetic says when each reminder was due.

Once a day the shop's old program sends what happened that day: orders that were placed, confirmed, paid, or
called off. Some are paid at once, some late, some never.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAY = dt.timedelta(days=1)
#: Days between two reminders, and how many there are at most.
EVERY, AT_MOST = 20, 6


@dataclass(frozen=True)
class OrderStory:
    """One order: on which day of the log each thing happened, if it did."""

    number: str
    placed: int
    confirmed: int | None
    paid: int | None
    called_off: int | None

    def told(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (day, what the old program sends about it)."""
        yield self.placed, {"number": self.number, "status": "unconfirmed", "payment_status": "unpaid"}
        if self.confirmed is not None:
            yield self.confirmed, {"number": self.number, "status": "confirmed"}
        if self.paid is not None:
            yield self.paid, {"number": self.number, "payment_status": "paid"}
        if self.called_off is not None:
            yield self.called_off, {"number": self.number, "status": "cancelled"}


@dataclass(frozen=True)
class OrderLog:
    """The orders, and when the shop's old program sent each day."""

    orders: tuple[OrderStory, ...]
    sent_at: tuple[dt.datetime, ...]

    @classmethod
    def drawn(cls, orders: int, first: dt.date, days: int, seed: int) -> OrderLog:
        rng = Random(seed)
        sent_at = tuple(_sent(first + day * DAY, rng) for day in range(days))
        return cls(tuple(_story(str(n), days, rng) for n in range(orders)), sent_at)

    def by_day(self) -> Iterator[tuple[dt.datetime, list[dict[str, Any]]]]:
        """Yield what was sent each day, with the time, of each order in the order in which it happened."""
        sent: list[dict[str, dict[str, Any]]] = [{} for _ in self.sent_at]
        for order in self.orders:
            for day, values in order.told():
                if day < len(sent):
                    sent[day][order.number] = sent[day].get(order.number, {}) | values
        for at, values in zip(self.sent_at, sent, strict=True):
            yield at, list(values.values())

    def reminders(self) -> Mapping[str, list[dt.datetime]]:
        """Return, by the number of each order, when it was confirmed and still not paid EVERY days on."""
        return {order.number: due for order in self.orders if (due := list(self._reminders(order)))}

    def _reminders(self, order: OrderStory) -> Iterator[dt.datetime]:
        if order.confirmed is None or order.confirmed >= len(self.sent_at):
            return
        begun = self.sent_at[order.confirmed].astimezone(LONDON)
        ends = [self._at(day) for day in (order.paid, order.called_off)]
        for turn in range(1, AT_MOST + 1):
            # A clock on the wall: the same time of day, whatever summer time does.
            due = (begun + turn * EVERY * DAY).astimezone(dt.UTC)
            if due < min(ends) and due <= self.sent_at[-1]:
                yield due

    def _at(self, day: int | None) -> dt.datetime:
        none = dt.datetime.max.replace(tzinfo=dt.UTC)
        return none if day is None or day >= len(self.sent_at) else self.sent_at[day]


def _sent(day: dt.date, rng: Random) -> dt.datetime:
    time = dt.time(rng.randrange(8, 20), rng.randrange(60), rng.randrange(60))
    return dt.datetime.combine(day, time, LONDON).astimezone(dt.UTC)


def _story(number: str, days: int, rng: Random) -> OrderStory:
    placed = rng.randrange(days)
    confirmed = placed + rng.choice([0, 0, 1, 3]) if rng.random() < 0.9 else None
    paid = placed + rng.choice([0, 2, 15, 20, 21, 45, 63, 100, 140]) if rng.random() < 0.7 else None
    story = OrderStory(number, placed, confirmed, paid, None)
    called_off = placed + rng.randrange(4, 90)
    return replace(story, called_off=called_off) if rng.random() < 0.1 else story
