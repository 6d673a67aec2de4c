"""Which words a record is found by, and what a search text asks for. No database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from automations.connectors.contacts import InvalidContact
from automations.connectors.phone_numbers import PhoneContact, dialled
from automations.models.db.text_search import folded

#: Longer words are cut off.
LONGEST = 40
#: The shortest ending that is kept, of a word and of a number.
_SHORTEST, _SHORTEST_OF_NUMBER = 3, 4
#: Of a code longer than this, such as a tracking number, only its last signs are kept beside the whole.
_CODE, _LAST_OF_CODE = 13, 8
_WORD = re.compile(r"[^\W_]+")
_PHONE = re.compile(r"[\d\s()+./–-]{4,}")
#: Letters that Unicode does not take apart, and how those without them on their keyboard write them.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
#: The most words of one record.
MOST = 200
#: The columns of a record whose words are kept.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customer": ("tags", "first_name", "last_name", "email", "phone"),
    "event": ("tags", "name"),
    "order": ("tags", "recipient", "tracking_number", "parcels", "delivery_address", "lines"),
}


def words(text: str) -> list[str]:
    """Return the words of a text, without capitals, accents and strokes."""
    return [word.translate(_LETTERS)[:LONGEST] for word in _as_spelled(text)]


def _as_spelled(text: str) -> list[str]:
    bare = folded(text)
    if not bare.isascii():
        plain = unicodedata.normalize("NFKD", bare)
        bare = folded("".join(letter for letter in plain if not unicodedata.combining(letter)))
    return [word[:LONGEST] for word in _WORD.findall(bare)]


def code(text: str) -> str:
    """Return a number or code as one word: "1Z 999-AA1" is "1z999aa1"."""
    return "".join(words(text))[:LONGEST]


def phone(text: str, region: str) -> str:
    """Return the digits of a phone number with its country's, however it is written; "" without any."""
    try:
        return PhoneContact.parse(text, region).number.removeprefix("+")
    except InvalidContact:
        if parts := dialled(text, region):
            return "".join(parts)[:LONGEST]
        digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
        return digits.lstrip("0")[:LONGEST]


def words_of(subject: str, row: Mapping[str, Any], region: str) -> set[str]:
    """Return the words that a record is found by, besides its number."""
    found = dict.fromkeys(word for word in _of_record(subject, row, region) if word)
    return set([*found][:MOST])


def endings(word: str) -> Iterator[str]:
    """Return the word, and its ends by which a part of it is found."""
    yield word
    is_number = word.isdigit()
    shortest = _SHORTEST_OF_NUMBER if is_number else _SHORTEST if word.isascii() else 2
    longest = _LAST_OF_CODE if len(word) >= _CODE and any(map(str.isdigit, word)) else len(word) - 1
    for length in range(shortest, longest + 1):
        if length < len(word):
            yield word[-length:]


def asked(text: str, region: str) -> list[list[str]]:
    """Return what a search text may mean: ways of words that a record must all have, each begun or inside."""
    # Of records that were kept before, the letters have their strokes.
    ways = [words(text), _as_spelled(text)]
    if _PHONE.fullmatch(text.strip()):
        parts = dialled(text, region)
        # Of a part of a number it is not known which country it is of.
        ways = [[phone(text, region)], [parts[1]] if parts else [], [code(text)]]
    elif any(map(str.isdigit, text)):
        ways.append([code(text)])
    unique = {tuple(dict.fromkeys(way)): way for way in ways}
    return [list(way) for way in unique if way and all(way)]


def _of_record(subject: str, row: Mapping[str, Any], region: str) -> Iterator[str]:
    yield from _all(row["tags"] or ())
    if subject == "customer":
        yield from _all(row[name] for name in ("first_name", "last_name", "email"))
        yield phone(str(row["phone"] or ""), region)
    elif subject == "event":
        yield from _all([row["name"]])
    else:
        yield from _of_order(row, region)


def _of_order(row: Mapping[str, Any], region: str) -> Iterator[str]:
    yield from _all([row["recipient"]])
    yield code(str(row["tracking_number"] or ""))
    yield from (code(str(parcel.get("tracking_number") or "")) for parcel in _parts(row["parcels"]))
    for address in _parts([row["delivery_address"]]):
        yield phone(str(address.get("phone") or ""), region)
    for line in _parts(row["lines"]):
        for name in ("name", "sku", "category"):
            yield from _of_product(str(line.get(name) or ""))


@lru_cache(maxsize=4096)
def _of_product(text: str) -> tuple[str, ...]:
    """Return the words of a text about a product, of which a store has the same few again and again."""
    return tuple(words(text))


def _parts(values: Any) -> list[Mapping[str, Any]]:
    return [value for value in values or () if isinstance(value, Mapping)]


def _all(texts: Iterable[Any]) -> Iterator[str]:
    for text in texts:
        yield from words(str(text or ""))
