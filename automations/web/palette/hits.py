"""What the palette and the search page show: hits in groups, with what matched marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from automations.models.db.text_search import folded


@dataclass(frozen=True)
class Hit:
    """One place to open or thing to do. With `posts`, the address is changed by a button, not opened."""

    label: str
    url: str
    icon: str
    note: str = ""
    #: What stands at the end of the line: an amount, or the state of an automation with its colour.
    end: str = ""
    tone: str = ""
    #: The single key that does the same.
    key: str = ""
    posts: bool = False


@dataclass(frozen=True)
class HitGroup:
    """Hits under one heading, or none; `all_url` leads to those beyond them."""

    label: str
    hits: Sequence[Hit]
    all_url: str = ""

    @property
    def size(self) -> int:
        return len(self.hits)


def says(text: str, *parts: str) -> bool:
    """Return whether each word of `text` begins a word of `parts`, without capitals and accents."""
    words = [word for part in parts for word in _plain(part).replace("-", " ").split()]
    return all(any(word.startswith(asked) for word in words) for asked in _plain(text).split())


def pieces(label: str, text: str) -> Iterator[tuple[str, bool]]:
    """Yield `label` in pieces with whether each is what was typed, or the first word of it that there is."""
    plain, asked = _plain(label), _plain(text)
    found = [(plain.find(part), len(part)) for part in (asked, *asked.split()) if part and part in plain]
    # Some letters are longer without their accents; then nothing is marked rather than the wrong letters.
    if not found or len(plain) != len(label):
        yield label, False
        return
    start, length = found[0]
    parts = (label[:start], False), (label[start : start + length], True), (label[start + length :], False)
    yield from ((part, marked) for part, marked in parts if part)


def _plain(text: str) -> str:
    if text.isascii():
        return folded(text)
    letters = unicodedata.normalize("NFD", folded(text))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
