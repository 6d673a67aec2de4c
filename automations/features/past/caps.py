"""How many matches an automation's own limits would leave, as if it had been on all the time."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from automations.engine.fields.problem import whole
from automations.features.past.matches import Matches

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR


def has_caps(caps: Any) -> bool:
    """Whether the limits of a draft limit anything."""
    return any(_read(caps))


def left_by(caps: Any, matches: Matches, customers: Sequence[int]) -> int:
    """Return how many would have run; `customers` has the customer of each match, 0 for none."""
    once, days, per_hour = _read(caps)
    if once and not days and not per_hour:
        return matches.records()
    return len(places_left_by(caps, matches, customers))


def places_left_by(caps: Any, matches: Matches, customers: Sequence[int]) -> list[int]:
    """Return the places of those that would have run; `customers` has the customer of each, 0 for none.

    The order of the limits is that of `pipeline/evaluation/frequency_caps.py`.
    """
    once, days, per_hour = _read(caps)
    records: set[int] = set()
    last_by_customer: dict[int, int] = {}
    last_hour: deque[int] = deque()
    ran: list[int] = []
    moments = zip(matches.record_ids.tolist(), matches.ats.tolist(), customers, strict=True)
    for place, (record, at, customer) in enumerate(moments):
        if once and record in records:
            continue
        last = last_by_customer.get(customer)
        if days and customer and last is not None and last > at - days * _DAY:
            continue
        while per_hour and last_hour and last_hour[0] <= at - _HOUR:
            last_hour.popleft()
        if per_hour and len(last_hour) >= per_hour:
            continue
        ran.append(place)
        records.add(record)
        last_by_customer[customer] = at
        last_hour.append(at)
    return ran


def needs_customers(caps: Any) -> bool:
    """Whether one of the limits asks whose records they are."""
    return bool(_read(caps)[1])


def _read(caps: Any) -> tuple[bool, int, int]:
    if not isinstance(caps, Mapping):
        return False, 0, 0
    # A limit that is no number yet limits nothing yet.
    days, per_hour = (whole(caps.get(name), 1, 10**6) or 0 for name in ("once_per_customer_days", "per_hour"))
    return bool(caps.get("once_per_record")), days, per_hour
