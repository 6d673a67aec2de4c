"""What must follow: how many of what, from which automations, to whom and within which time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import EMAIL, SMS
from automations.engine.operators import value_types
from automations.engine.rules.rule import Problem
from automations.models.tables.automation import Automation

#: Choice -> (its words, the least and the most that may follow).
COUNTS: Mapping[str, tuple[str, int, int | None]] = {
    "exactly_one": ("exactly one", 1, 1),
    "at_least_one": ("at least one", 1, None),
    "at_most_one": ("at most one", 0, 1),
    "none": ("no", 0, 0),
}
RUN = "run"
#: Choice -> (one, many, the channels of its messages; none for a run).
KINDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "email": ("email", "emails", (EMAIL,)),
    "sms": ("SMS", "SMS", (SMS,)),
    "message": ("message", "messages", (EMAIL, SMS)),
    RUN: ("run", "runs", ()),
}
ANYBODY, CUSTOMER = "anybody", "customer"
ANY, AUTOMATION, GROUP = "any", "automation:", "group:"
#: Unit -> (one of it, in minutes).
UNITS: Mapping[str, tuple[str, int]] = {
    "minutes": ("minute", 1),
    "hours": ("hour", 60),
    "days": ("day", 1440),
}
LONGEST = dt.timedelta(days=30)
#: What a new expectation starts from.
USUAL: Mapping[str, str] = {
    "count": "exactly_one",
    "what": "email",
    "whose": ANY,
    "to": CUSTOMER,
    "amount": "10",
    "unit": "minutes",
}
_GONE = "an automation that is gone"


@dataclass(frozen=True, slots=True)
class Follow:
    """What must follow, checked."""

    least: int
    most: int | None
    what: str
    #: "any", "automation:12" or "group:Reminders".
    whose: str
    to_customer: bool
    within: dt.timedelta

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels of the messages that count; none if runs are counted."""
        return KINDS[self.what][2]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Follow:
        """Return what `data` says, which `problems` has no complaint about."""
        _, least, most = COUNTS[data["count"]]
        what, minutes = data["what"], int(data["amount"]) * UNITS[data["unit"]][1]
        to_customer = what != RUN and data["to"] == CUSTOMER
        return cls(least, most, what, data["whose"], to_customer, dt.timedelta(minutes=minutes))


def problems(session: Session, store_id: int, data: Mapping[str, Any]) -> list[Problem]:
    """Return what is missing or wrong, each with the path of its field: "follow.amount"."""
    wrong = []
    for part, offered, asked in (
        ("count", COUNTS, "how many must follow"),
        ("what", KINDS, "what must follow"),
        ("to", (ANYBODY, CUSTOMER), "to whom it must go"),
        ("unit", UNITS, "minutes, hours or days"),
    ):
        if data.get(part) not in offered:
            wrong.append(Problem(f"follow.{part}", f"Choose {asked}."))
    if not is_known(session, store_id, str(data.get("whose"))):
        wrong.append(Problem("follow.whose", "Choose whose it must be: what was chosen is gone."))
    return wrong + _amount_problems(data)


def is_known(session: Session, store_id: int, whose: str) -> bool:
    """Whether the store has this automation, or an automation in this group."""
    return whose == ANY or bool(automation_ids(session, store_id, whose))


def automation_ids(session: Session, store_id: int, whose: str) -> set[int] | None:
    """Return the automations whose messages count; None for all of them."""
    if whose == ANY:
        return None
    ids = sa.select(Automation.id).where(Automation.store_id == store_id)
    if whose.startswith(GROUP):
        group = whose.removeprefix(GROUP)
        return set(session.scalars(ids.where(Automation.group_name == group))) if group else set()
    number = whose.removeprefix(AUTOMATION)
    if not (whose.startswith(AUTOMATION) and number.isascii() and number.isdigit() and len(number) < 18):
        return set()
    return set(session.scalars(ids.where(Automation.id == int(number))))


def phrase(session: Session, store_id: int, data: Mapping[str, Any]) -> str:
    """Return it as the sentence says it, with "…" for anything missing.

    "exactly one email of “Order paid” goes to the customer within 10 minutes".
    """
    what = str(data.get("what"))
    count = COUNTS[data["count"]][0] if data.get("count") in COUNTS else "…"
    noun = KINDS[what][0] if what in KINDS else "…"
    said = "goes to the customer" if data.get("to") == CUSTOMER else "is sent"
    verb = "is done" if what == RUN else said
    return f"{count} {noun}{_whose_words(session, store_id, data)} {verb} within {time_words(data)}"


def time_words(data: Mapping[str, Any]) -> str:
    """Return the time allowed: "10 minutes"."""
    amount, unit = str(data.get("amount") or "…"), str(data.get("unit"))
    one = UNITS[unit][0] if unit in UNITS else "…"
    return f"{amount} {one if amount == '1' or unit not in UNITS else unit}"


def counted(data: Mapping[str, Any], count: int) -> str:
    """Return a number of what is counted: "2 emails"."""
    one, many, _ = KINDS[data["what"]]
    return f"{value_types.counted(count)} {one if count == 1 else many}"


def _whose_words(session: Session, store_id: int, data: Mapping[str, Any]) -> str:
    whose = str(data.get("whose"))
    if whose == ANY:
        return ""
    if whose.startswith(GROUP):
        return f" of the group “{whose.removeprefix(GROUP)}”"
    found = automation_ids(session, store_id, whose)
    name = session.scalar(sa.select(Automation.name).where(Automation.id.in_(found or ())))
    return f" of “{name}”" if name else f" of {_GONE}"


def _amount_problems(data: Mapping[str, Any]) -> list[Problem]:
    amount, unit = str(data.get("amount") or ""), str(data.get("unit"))
    if not (amount.isascii() and amount.isdigit() and len(amount) < 9 and int(amount)):
        return [Problem("follow.amount", "Enter within how long as a whole number, for example 10.")]
    if unit in UNITS and dt.timedelta(minutes=int(amount) * UNITS[unit][1]) > LONGEST:
        return [Problem("follow.amount", f"The most time it can be given is {LONGEST.days} days.")]
    return []
