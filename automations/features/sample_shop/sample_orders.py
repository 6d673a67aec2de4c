"""The orders of the sample shop, each as a list of steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from automations.features.sample_shop import sample_deliveries
from automations.features.sample_shop import sample_names as names
from automations.features.sample_shop.sample_customers import SamplePerson
from automations.features.sample_shop.sample_goods import basket
from automations.features.sample_shop.sample_history import (
    ADA,
    CARRIER,
    DAY,
    DRIVER,
    HOUR,
    MINUTE,
    ROSA,
    TILL,
    WEB,
    Changed,
    opening_hour,
)
from automations.pipeline.records.change import Cause

#: Orders per day, from Monday to Sunday.
PER_DAY = (5, 5, 6, 7, 10, 10, 3)
FIRST_NUMBER = 10001
BY_VAN = {"fulfilment_method": "delivery", "delivery_type": "own_van"}
BY_COURIER = {"fulfilment_method": "delivery", "delivery_type": "courier_delivery"}
BY_POST = {"fulfilment_method": "delivery", "delivery_type": "royal_mail"}
COLLECTED = {"fulfilment_method": "collection"}
RELAYED = {"fulfilment_method": "relay"}


@dataclass(frozen=True, slots=True)
class _Order:
    rng: Random
    number: str
    placed: dt.datetime
    values: dict[str, Any]
    person: SamplePerson | None

    def step(self, at: dt.datetime, cause: Cause, **values: Any) -> Changed:
        return Changed(at, "order", self.number, cause, values)

    def paid(self, at: dt.datetime, cause: Cause) -> Changed:
        return self.step(at, cause, payment_status="paid", amount_paid=self.values["total"])

    def after(self, moment: dt.datetime, least: dt.timedelta, most: dt.timedelta) -> dt.datetime:
        return moment + least + self.rng.random() * (most - least)


def stories(
    rng: Random, start: dt.datetime, days: int, people: Sequence[SamplePerson], share: float = 1.0
) -> Iterator[Changed]:
    """Return every step of every order placed in `days` days; `share` scales the usual trade."""
    number = FIRST_NUMBER
    for day in (start + n * DAY for n in range(1, days + 1)):
        count = round(PER_DAY[day.weekday()] * share + rng.random() - 0.5)
        for placed in sorted(opening_hour(rng, day) for _ in range(count)):
            customers = [person for person in people if person.since < placed]
            yield from _story(rng, str(number), placed, customers)
            number += 1


def _story(
    rng: Random, number: str, placed: dt.datetime, customers: Sequence[SamplePerson]
) -> Iterator[Changed]:
    if rng.random() < 0.27:
        yield from _sold_at_the_till(rng, number, placed, customers)
        return
    # Squaring makes the first customers the most loyal ones.
    person = customers[int(rng.random() ** 2 * len(customers))]
    order_type = "corporate" if person.account else rng.choices(["gift", "funeral", "event"], [80, 15, 5])[0]
    web = order_type == "gift" and rng.random() < 0.7
    ways = [BY_VAN, BY_COURIER, BY_POST, COLLECTED, RELAYED]
    values = {
        **rng.choices(ways, [40, 8, 14, 30, 8])[0],
        **basket(rng, order_type),
        "order_type": order_type,
        "source": "web" if web else "phone",
        "placed_at": placed,
        "delivery_date": placed.date() + rng.randint(1, 6) * DAY,
        "storage_until": placed.date() + 14 * DAY,
        "note": rng.choice(names.NOTES),
        "tags": ["sympathy"] if order_type == "funeral" else [],
    }
    values |= sample_deliveries.delivery(number, values)
    order = _Order(rng, number, placed, values, person)
    cause = WEB if web else rng.choice([ROSA, ROSA, ADA])
    yield Changed(placed, "order", number, cause, values, person.number, person.account)
    yield from _cancelled(order, cause) if rng.random() < 0.05 else _carried_out(order, cause)


def _sold_at_the_till(
    rng: Random, number: str, placed: dt.datetime, customers: Sequence[SamplePerson]
) -> Iterator[Changed]:
    person = rng.choice(customers) if rng.random() < 0.35 else None
    values = {**COLLECTED, **basket(rng, "gift"), "order_type": "gift", "source": "till", "placed_at": placed}
    values |= {"status": "fulfilled", "payment_status": "paid", "amount_paid": values["total"]}
    order = _Order(rng, number, placed, values, person)
    yield Changed(placed, "order", number, TILL, values, person.number if person else "")
    if rng.random() < 0.04:
        yield order.step(order.after(placed, DAY, 4 * DAY), TILL, payment_status="refunded")


def _cancelled(order: _Order, cause: Cause) -> Iterator[Changed]:
    yield order.paid(order.after(order.placed, 2 * MINUTE, 9 * MINUTE), cause)
    gone = order.after(order.placed, HOUR, 6 * HOUR)
    yield order.step(gone, ROSA, status="cancelled")
    yield order.step(gone + 4 * MINUTE, ROSA, payment_status="refunded")


def _carried_out(order: _Order, cause: Cause) -> Iterator[Changed]:
    yield from _payments(order, cause)
    yield order.step(order.after(order.placed, 12 * MINUTE, 5 * HOUR), ROSA, status="confirmed")
    promised = order.values["delivery_date"]
    morning = dt.datetime.combine(promised, dt.time(7, 10), dt.UTC)
    picked = order.after(morning, MINUTE, 90 * MINUTE)
    yield order.step(picked, ADA, status="picked")
    ready = order.after(picked, 15 * MINUTE, 70 * MINUTE)
    yield order.step(ready, ROSA, status="ready_for_fulfilment")
    yield from _handed_over(order, ready)


def _payments(order: _Order, cause: Cause) -> Iterator[Changed]:
    person, soon = order.person, order.after(order.placed, 2 * MINUTE, 9 * MINUTE)
    if cause == WEB:
        yield order.paid(soon, WEB)
    elif person and person.account:
        yield order.paid(order.after(order.placed, 12 * DAY, 30 * DAY), ADA)
    elif order.rng.random() < 0.3:
        part = (order.values["total"] / 2).quantize(order.values["total"])
        yield order.step(soon, cause, payment_status="partially_paid", amount_paid=part)
        yield order.paid(order.after(order.placed, 6 * HOUR, 40 * HOUR), cause)
    else:
        yield order.paid(soon, cause)


def _handed_over(order: _Order, ready: dt.datetime) -> Iterator[Changed]:
    gone = order.after(ready, 10 * MINUTE, 2 * HOUR)
    delivery_type = order.values.get("delivery_type")
    if delivery_type == "own_van":
        yield order.step(gone, DRIVER, status="out_for_delivery", delivery_status="in_transit")
        there = order.after(gone, 20 * MINUTE, 3 * HOUR)
        yield order.step(there, DRIVER, status="fulfilled", delivery_status="delivered")
    elif delivery_type:
        tracking = f"RM{order.rng.randrange(10**9):09d}GB"
        yield order.step(
            gone,
            ROSA,
            status="with_courier",
            delivery_status="booked",
            tracking_number=tracking,
            parcels=sample_deliveries.parcels(delivery_type, tracking),
        )
        yield order.step(order.after(gone, 4 * HOUR, 9 * HOUR), CARRIER, delivery_status="in_transit")
        there = order.after(gone, 18 * HOUR, 30 * HOUR)
        if delivery_type == "royal_mail" and order.rng.random() < 0.4:
            yield order.step(there, CARRIER, delivery_status="at_the_depot")
            there = order.after(there, 3 * HOUR, 40 * HOUR)
        yield order.step(there, CARRIER, status="fulfilled", delivery_status="delivered")
    else:
        yield order.step(order.after(gone, HOUR, 6 * HOUR), TILL, status="fulfilled")
