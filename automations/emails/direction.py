"""In which direction a language is written."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError

LEFT, RIGHT = "left", "right"


@lru_cache(maxsize=256)
def is_right_to_left(language: str) -> bool:
    """Return whether a language, given by its tag, is written from right to left."""
    try:
        return str(Locale.parse(language.partition("-")[0]).text_direction) == "rtl"
    except (UnknownLocaleError, ValueError):
        return False


def sides(language: str) -> tuple[str, str]:
    """Return the sides on which a line of a language begins and ends."""
    return (RIGHT, LEFT) if is_right_to_left(language) else (LEFT, RIGHT)
