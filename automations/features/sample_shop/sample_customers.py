"""The customers of the sample shop: most can be contacted, some cannot."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Any

from automations.features.sample_shop import sample_names as names
from automations.features.sample_shop.sample_history import DAY, MINUTE, ROSA, Changed, opening_hour
from automations.pipeline.records.change import Cause

IMPORTED = Cause("seed", "sample data")
#: Share of the customers with an unusable address, and share of those without one.
BROKEN, SILENT = 0.07, 0.08
#: The first customers order most often, so the shop has a working address for them.
FAITHFUL = 25


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """A customer and the moment they became one; `account` is a name or empty."""

    number: str
    since: dt.datetime
    account: str
    values: dict[str, Any]


def invent(rng: Random, start: dt.datetime, count: int) -> list[SamplePerson]:
    """Return `count` customers; two in three exist at `start`, the others come in the ten weeks after."""
    pairs = [(first, last) for first in names.FIRST_NAMES for last in names.LAST_NAMES]
    people = []
    for place, (first, last) in enumerate(rng.sample(pairs, count)):
        late, faithful = place > count * 2 // 3, place < FAITHFUL
        since = opening_hour(rng, start + rng.randint(1, 70) * DAY) if late else start + place * MINUTE
        account = names.ACCOUNTS[place] if place < len(names.ACCOUNTS) else ""
        values: dict[str, Any] = {
            "first_name": first,
            "last_name": last,
            "email": _email(rng, first, last, faithful),
        }
        values |= {"phone": _phone(rng), "tags": ["trade"] if account else _tags(rng)}
        values["marketing_consent"] = bool({"newsletter", "VIP"} & set(values["tags"]))
        people.append(SamplePerson(f"C-{1001 + place}", since, account, values))
    return people


def story(person: SamplePerson) -> Changed:
    """Return the steps by which the customer was recorded."""
    cause = IMPORTED if person.since.hour == 0 else ROSA
    return Changed(person.since, "customer", person.number, cause, person.values, account=person.account)


def _email(rng: Random, first: str, last: str, faithful: bool) -> str:
    name = _plain(f"{first}.{last}").lower()
    chance = rng.random()
    if faithful or chance > BROKEN + SILENT:
        return f"{name}@{rng.choice(names.MAIL_HOSTS)}"
    return rng.choice(names.BROKEN_ADDRESSES).format(name) if chance < BROKEN else ""


def _plain(text: str) -> str:
    """Return "Nguyen" for "Nguyễn": letters that are valid in every address."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ø", "o"))
    return "".join(
        letter for letter in decomposed if letter.isascii() and (letter.isalnum() or letter in ".-")
    )


def _phone(rng: Random) -> str:
    kind = names.LANDLINE if rng.random() < 0.8 else names.MOBILE
    return "" if rng.random() < 0.1 else kind.format(rng.randrange(1000))


def _tags(rng: Random) -> list[str]:
    chance = rng.random()
    return ["VIP"] if chance < 0.08 else ["newsletter"] if chance < 0.3 else []
