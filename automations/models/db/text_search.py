"""Search text without regard to upper and lower case, the same way on SQLite and on Postgres.

SQLite's LIKE and lower() know the letters A to Z only, and what Postgres' ILIKE knows depends on the locale
the server was set up with: with "C" it is A to Z as well. So no database is asked what is a capital letter.
The text becomes a pattern that names both spellings of each letter, "[éÉ][mM]", which both match as it is.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import sqlalchemy as sa

from automations.models.db.base import db

_DOT = "\u0307"  # "İ".lower() is an i and this.
_GLOB_SPECIAL = frozenset("*?[")
#: Spellings of the first letters that are looked for.
STARTS = 16
_LAST = "\U0010ffff"
#: Unicode has no letters with two cases from here on.
_LAST_CASED = 0x1E944


def contains(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that `column` contains `text` in any case. Needs an app context."""
    return _any(column, text, "*", "*")


def begins(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that `column` begins with `text` in any case. It uses no index."""
    return _any(column, text, "", "*")


def near(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return a condition that whatever `begins` with `text` meets, by an index of the column.

    It names the spellings of the first letters only; all those of a long text would be thousands of ranges.
    """
    return sa.or_(*(starts_as(column, start) for start in _starts(text)))


def starts_as(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that the column begins with exactly this spelling, by an index."""
    # SQLite's LIKE ignores case, so it cannot use the index and would scan the table. Postgres' does until a
    # connection has asked so often that it keeps a plan, made for any pattern. A range always does.
    return _between(column, text, text + _LAST, db.engine.dialect.name)


def starts_between(text: str) -> dict[str, str]:
    """Return the bounds `low` and `high` of what begins with exactly this spelling, for `is_between`."""
    return {"low": text, "high": text + _LAST}


def is_between(column: Any, dialect: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column is from the parameter `low` to `high`, by an index."""
    low, high = sa.bindparam("low", type_=sa.Text()), sa.bindparam("high", type_=sa.Text())
    return _between(column, low, high, dialect)


def _between(column: Any, low: Any, high: Any, dialect: str) -> sa.ColumnElement[bool]:
    if dialect == "sqlite":
        return sa.and_(column >= low, column <= high)
    # Compared byte by byte, as the index is sorted.
    return sa.and_(column.op("~>=~", is_comparison=True)(low), column.op("~<=~", is_comparison=True)(high))


def in_byte_order(column: Any, dialect: str) -> sa.ColumnElement[Any]:
    """Return what to order by so that an index of a column's letters gives the order."""
    using: sa.ColumnElement[Any] = sa.literal_column(f"{column.class_.__tablename__}.{column.key} USING ~<~")
    return column if dialect == "sqlite" else using


def equals(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Return the condition that `column` is `text` in any case. It uses no index."""
    return _any(column, text, "", "")


def folded(text: str) -> str:
    """Return `text` so that two texts that differ in case only become the same, for comparing in Python."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return plain.replace(_DOT, "").replace("ı", "i")


def has_words(said: str, text: str) -> bool:
    """Return whether `said` contains every word of `text`, in any order and any case."""
    plain = folded(said)
    return all(word in plain for word in folded(text).split())


def _starts(text: str) -> list[str]:
    """Return every spelling of the first letters of `text`, as many letters as make few of them."""
    starts: dict[str, None] = {}
    for spelling in _spellings(text):
        found = [""]
        for letter in spelling:
            longer = [start + case for start in found for case in _cases(letter)]
            if len(longer) > STARTS:
                break
            found = longer
        starts |= dict.fromkeys(found)
    return list(starts)


def _any(column: Any, text: str, before: str, after: str) -> sa.ColumnElement[bool]:
    sqlite = db.engine.dialect.name == "sqlite"
    write, matches = (_glob, "GLOB") if sqlite else (_regex, "~")
    patterns = [write(spelling, before, after) for spelling in _spellings(text)]
    return sa.or_(*(column.op(matches, is_comparison=True)(pattern) for pattern in patterns))


def _spellings(text: str) -> list[str]:
    """Return the ways to write `text` beyond its case: é in one character or in two, ß and ss."""
    one = unicodedata.normalize("NFC", text)
    sharp = (one, re.sub("[ßẞ]", "ss", one), re.sub("ss", "ß", one, flags=re.IGNORECASE))
    return list(dict.fromkeys(unicodedata.normalize(form, way) for way in sharp for form in ("NFC", "NFD")))


def _glob(text: str, before: str, after: str) -> str:
    return before + "".join(_glob_letter(letter) for letter in text) + after


def _glob_letter(letter: str) -> str:
    spelled = _cases(letter)
    return f"[{spelled}]" if len(spelled) > 1 or letter in _GLOB_SPECIAL else letter


def _regex(text: str, before: str, after: str) -> str:
    letters = "".join(_regex_letter(letter) for letter in text)
    return f"{'' if before else '^'}{letters}{'' if after else '$'}"


def _regex_letter(letter: str) -> str:
    spelled = _cases(letter)
    return f"[{spelled}]" if len(spelled) > 1 else re.escape(letter)


def _cases(letter: str) -> str:
    """Return every character that is `letter` in another case, itself first."""
    return "".join(dict.fromkeys(letter + _same_letters().get(folded(letter), "")))


@cache
def _same_letters() -> dict[str, str]:
    """Return the characters that fold to each letter; a table made once, in a tenth of a second."""
    groups: dict[str, str] = {}
    for character in map(chr, range(_LAST_CASED)):
        if (plain := folded(character)) != character:
            groups[plain] = groups.get(plain, plain if len(plain) == 1 else "") + character
    return groups
