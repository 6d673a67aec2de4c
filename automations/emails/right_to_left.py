"""Text that is read from right to left: Arabic letters joined, each line in the order in which it is seen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

#: Languages that are written from right to left.
LANGUAGES = frozenset({"ar", "ckb", "dv", "fa", "he", "iw", "ps", "ur", "yi"})
_TO_THE_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff]")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "«": "»", "<": ">"}
#: Returns how wide a text is.
Width = Callable[[str], float]


def is_needed(text: str) -> bool:
    """Return whether a text holds anything that is read from right to left."""
    return _TO_THE_LEFT.search(text) is not None


def is_of(language: str) -> bool:
    """Return whether a language, such as "he-IL", is written from right to left."""
    return language.partition("-")[0].lower() in LANGUAGES


def seen(text: str, width: Width, widest: float) -> Iterator[str]:
    """Yield the lines of one paragraph, each not wider than `widest` and in the order in which it is seen."""
    direction = _direction(text)
    for line in _broken(_joined()(text), width, widest):
        yield _turned(_ordered()(line, base_dir=direction))


def _broken(text: str, width: Width, widest: float) -> Iterator[str]:
    """Yield the text in lines: broken between words, and within one that fills a line alone."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer) <= widest:
            line = longer
            continue
        if line:
            yield line
        while len(word) > 1 and width(word) > widest:
            fits = next(end for end in range(len(word) - 1, 0, -1) if end == 1 or width(word[:end]) <= widest)
            yield word[:fits]
            word = word[fits:]
        line = word
    yield line


def _turned(line: str) -> str:
    """Return a line as it is seen with its brackets around what they enclose.

    The library puts them in their places, but leaves those of words from right to left as they were written.
    """
    letters = list(line)
    closed: dict[str, list[int]] = {closing: [] for closing in _BRACKETS.values()}
    opened = dict.fromkeys(_BRACKETS, 0)
    openings = {closing: opening for opening, closing in _BRACKETS.items()}
    for place, letter in enumerate(line):
        if letter in openings and opened[openings[letter]]:
            opened[openings[letter]] -= 1
        elif letter in openings:
            closed[letter].append(place)
        elif letter in _BRACKETS and closed[_BRACKETS[letter]]:
            letters[closed[_BRACKETS[letter]].pop()], letters[place] = letter, _BRACKETS[letter]
        elif letter in _BRACKETS:
            opened[letter] += 1
    return "".join(letters)


def _direction(text: str) -> str:
    """Return where a text begins to be read: as its first letter is."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return "L" if kind == "L" else "R"
    return "L"


@cache
def _joined() -> Callable[[str], str]:
    """Return what gives Arabic letters the forms they have beside each other."""
    # Marks above letters stay; a ligature of a whole word is a sign that few fonts have.
    settings = {"delete_harakat": False, "ARABIC LIGATURE ALLAH": False}
    reshape: Callable[[str], str] = import_module("arabic_reshaper").ArabicReshaper(settings).reshape
    return reshape


@cache
def _ordered() -> Callable[..., str]:
    """Return what puts a line into the order in which it is seen."""
    get_display: Callable[..., str] = import_module("bidi").get_display
    return get_display
