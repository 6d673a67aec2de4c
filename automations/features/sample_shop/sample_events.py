"""The events of the sample shop: weddings, funerals and corporate jobs, each as a list of steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from automations.features.sample_shop import sample_names as names
from automations.features.sample_shop.sample_customers import SamplePerson
from automations.features.sample_shop.sample_history import ADA, DAY, HOUR, ROSA, Changed, opening_hour

#: Event type -> shortest and longest time from the first contact to the event, in days.
AHEAD = {"wedding": (25, 240), "corporate": (14, 70), "funeral": (5, 12)}


def stories(
    rng: Random, start: dt.datetime, days: int, people: Sequence[SamplePerson], count: int
) -> Iterator[Changed]:
    """Return every step of `count` events whose first contact falls in these days."""
    asked = sorted(opening_hour(rng, start + rng.randint(1, days) * DAY) for _ in range(count))
    for place, moment in enumerate(asked):
        person = rng.choice([customer for customer in people if customer.since < moment])
        yield from _story(rng, f"E-{101 + place}", moment, person)


def _story(rng: Random, number: str, asked: dt.datetime, person: SamplePerson) -> Iterator[Changed]:
    kind = (
        "corporate" if person.account else rng.choices(["wedding", "funeral", "corporate"], [62, 23, 15])[0]
    )
    least, most = AHEAD[kind]
    day = asked.date() + rng.randint(least, most) * DAY
    values = _values(rng, kind, day, person)
    yield Changed(asked, "event", number, rng.choice([ROSA, ADA]), values, person.number, person.account)
    quoted = asked + rng.uniform(0.2, 2.5) * DAY
    yield Changed(quoted, "event", number, ROSA, {"status": "quote_sent"})
    if rng.random() < 0.18:
        yield Changed(quoted + rng.uniform(3, 8) * DAY, "event", number, ROSA, {"status": "cancelled"})
        return
    if kind != "funeral" and rng.random() < 0.4:
        quoted += rng.uniform(3, 6) * DAY
        yield Changed(quoted, "event", number, ROSA, {"status": "follow_up"})
    accepted = quoted + rng.uniform(0.3, 2) * DAY
    yield Changed(accepted, "event", number, ROSA, {"status": "quote_accepted"})
    yield from _to_the_day(number, accepted, day, values["total"])


def _values(rng: Random, kind: str, day: dt.date, person: SamplePerson) -> dict[str, Any]:
    guests = {"wedding": rng.randrange(40, 180, 5), "corporate": rng.randrange(20, 300, 10), "funeral": 0}[
        kind
    ]
    total = Decimal(guests * rng.randint(11, 24) if guests else rng.randrange(180, 900, 15))
    last = person.values["last_name"]
    name = {
        "wedding": f"{last} & {rng.choice(names.LAST_NAMES)} wedding, {rng.choice(names.VENUES)}",
        "funeral": f"Funeral of {rng.choice(names.FIRST_NAMES)} {last}",
        "corporate": f"{person.account or last}: {rng.choice(['winter gala', 'awards dinner', 'open day'])}",
    }[kind]
    budget = (total * rng.choice([80, 100, 110, 125]) / 100).quantize(Decimal("1")) if guests else None
    return {
        "name": name,
        "event_type": kind,
        "event_date": day,
        "guests": guests or None,
        "budget": budget,
        "total": total.quantize(Decimal("0.01")),
        "tags": ["VIP"] if "VIP" in person.values["tags"] else [],
    }


def _to_the_day(number: str, accepted: dt.datetime, day: dt.date, total: Decimal) -> Iterator[Changed]:
    """Return the steps from the accepted quote to the event, however short the time between."""
    noon = dt.datetime.combine(day, dt.time(12, 0), dt.UTC)
    span = max(noon - accepted, DAY)
    deposit = {"payment_status": "partially_paid", "amount_paid": (total / 4).quantize(total)}
    yield Changed(accepted + 0.1 * span, "event", number, ADA, deposit)
    yield Changed(accepted + 0.5 * span, "event", number, ROSA, {"status": "order_finalisation"})
    yield Changed(accepted + 0.7 * span, "event", number, ROSA, {"status": "order_created"})
    paid = {"payment_status": "paid", "amount_paid": total}
    yield Changed(accepted + 0.8 * span, "event", number, ADA, paid)
    yield Changed(accepted + span + 20 * HOUR, "event", number, ROSA, {"status": "completed"})
    yield Changed(accepted + span + 14 * DAY, "event", number, ADA, {"status": "archived"})
