"""Redaction: what identifies a person, and texts without it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from automations.connectors.contacts import InvalidContact
from automations.connectors.phone_numbers import PhoneContact
from automations.engine.fields.order_delivery import DELIVERY_ADDRESS
from automations.engine.fields.subjects import SUBJECTS
from automations.models.tables.customer import ERASED

#: Names under which plain data holds a key or a state: a note that says “paid” must not change a status.
KEYS = frozenset(
    name
    for subject in SUBJECTS.values()
    for name, field in subject.fields.items()
    if field.type in ("choice", "date", "datetime", "money", "int", "bool")
) | {"id", "number", "kind", "channel", "connector", "currency", "placed_at", "created_at"}
#: Where a record holds the values of the store's own fields.
OWN = "custom"
#: What an order says of who receives it, and where: nothing of it stays.
DELIVERED = ("recipient", "card_message", DELIVERY_ADDRESS)
#: The parts of an address that are nobody's own: a city stays in a text.
_SHARED = frozenset({"city", "region", "country"})
#: A word shorter than this occurs in every text.
_SHORTEST = 2


def reaching(people: Iterable[Mapping[str, Any]], region: str) -> set[str]:
    """Return what identifies the customer anywhere: addresses, phone numbers in each notation, full names."""
    texts: set[str] = set()
    for person in people:
        phone = str(person.get("phone") or "")
        texts |= {str(person.get("email") or ""), phone, _plain(phone, region), re.sub(r"[^\d+]", "", phone)}
        if person.get("first_name") and person.get("last_name"):
            texts.add(f"{person['first_name']} {person['last_name']}")
    return {text for text in texts if len(text) > _SHORTEST}


def telling(people: Iterable[Mapping[str, Any]], closed: Collection[str] = ()) -> set[str]:
    """Return what identifies the customer in a text about them: names, notes, the store's own fields.

    `closed` are the keys of own fields whose values are words of the store, such as “yes” or a choice.
    """
    texts: set[str] = set()
    for person in people:
        named = ("first_name", "last_name", "note", "recipient", "card_message")
        texts |= {str(person[name]).strip() for name in named if person.get(name)}
        address = dict(person.get(DELIVERY_ADDRESS) or {}).items()
        parts = [text.strip() for key, text in address if isinstance(text, str) and key not in _SHARED]
        texts |= {line.strip() for text in parts for line in (text, *text.splitlines())}
        own = dict(person.get(OWN) or {}).items()
        texts |= {value.strip() for key, value in own if isinstance(value, str) and key not in closed}
    return {text for text in texts if len(text) >= _SHORTEST}


class Eraser:
    """Removes given words, in any letter case, from texts and plain data.

    `typed` are the keys of own fields that hold a date, a number or a choice: such a value becomes None,
    because the word that replaces a text could not be read as one.
    """

    def __init__(self, words: Iterable[str], typed: Collection[str] = ()) -> None:
        self._typed = typed
        longest_first = sorted(words, key=len, reverse=True)
        each = "|".join(map(re.escape, longest_first)) or r"(?!)"
        self._pattern = re.compile(rf"(?<!\w)(?:{each})(?!\w)", re.IGNORECASE)

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._pattern.sub(ERASED, value)
        if isinstance(value, Mapping):
            return {
                name: part if name in KEYS else self._own(part) if name == OWN else self._part(name, part)
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self(part) for part in value]
        return value

    def _part(self, name: str, part: Any) -> Any:
        # The parts of an address before a change stand under their own names.
        return _erased(part) if name.partition(".")[0] in DELIVERED else self(part)

    def _own(self, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return self(values)
        # A store may give its fields any key, also one of KEYS.
        erased = {key: self(value) for key, value in values.items()}
        return {
            key: None if key in self._typed and value != values[key] else value
            for key, value in erased.items()
        }


def _erased(value: Any) -> Any:
    """Return what is left of a text, or of each part of an address, of which nothing stays."""
    if isinstance(value, Mapping):
        return {key: _erased(part) for key, part in value.items()}
    return ERASED if value else value


def _plain(phone: str, region: str) -> str:
    try:
        return PhoneContact.parse(phone, region).number
    except InvalidContact:
        return ""
