"""What names a person, and texts without it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from automations.connectors.contacts import InvalidContact
from automations.connectors.phone import PhoneContact
from automations.engine.subjects import SUBJECTS
from automations.models.customer import ERASED

#: Names under which plain data holds a key or a state: a note that says “paid” must not change a status.
KEYS = frozenset(
    name
    for subject in SUBJECTS.values()
    for name, field in subject.fields.items()
    if field.type in ("choice", "date", "datetime", "money", "int", "bool")
) | {"id", "number", "kind", "channel", "connector", "currency", "placed_at", "created_at"}
#: A shorter word than this is in every text.
_SHORTEST = 2


def reaching(people: Iterable[Mapping[str, Any]], region: str) -> set[str]:
    """What leads to her wherever it stands: addresses, numbers in each way of writing them, full names."""
    found: set[str] = set()
    for person in people:
        phone = str(person.get("phone") or "")
        found |= {str(person.get("email") or ""), phone, _plain(phone, region), re.sub(r"[^\d+]", "", phone)}
        if person.get("first_name") and person.get("last_name"):
            found.add(f"{person['first_name']} {person['last_name']}")
    return {text for text in found if len(text) > _SHORTEST}


def telling(people: Iterable[Mapping[str, Any]]) -> set[str]:
    """What tells of her in a text that is about her anyway: her names, the notes, the store's own fields."""
    found: set[str] = set()
    for person in people:
        names = (person.get("first_name"), person.get("last_name"), person.get("note"))
        found |= {str(text).strip() for text in names if text}
        found |= {
            value.strip() for value in dict(person.get("custom") or {}).values() if isinstance(value, str)
        }
    return {text for text in found if len(text) >= _SHORTEST}


class Eraser:
    """Texts and plain data without some words, in whatever case these are written."""

    def __init__(self, words: Iterable[str]) -> None:
        longest_first = sorted(words, key=len, reverse=True)
        each = "|".join(map(re.escape, longest_first)) or r"(?!)"
        self._pattern = re.compile(rf"(?<!\w)(?:{each})(?!\w)", re.IGNORECASE)

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._pattern.sub(ERASED, value)
        if isinstance(value, Mapping):
            return {name: part if name in KEYS else self(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self(part) for part in value]
        return value


def _plain(phone: str, region: str) -> str:
    try:
        return PhoneContact.parse(phone, region).number
    except InvalidContact:
        return ""
