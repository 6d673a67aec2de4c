"""Languages as tags: "de", or with the country where it is spoken, "de-AT"."""

from __future__ import annotations

import re

#: As programs write them: "de_AT", "zh-Hant-TW", "en-US-POSIX"; of these the language and the country count.
PATTERN = "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}$"
LONGEST = 35
_TAG = re.compile(PATTERN, re.ASCII)
_COUNTRY = re.compile("[A-Za-z]{2}|[0-9]{3}", re.ASCII)


def language_tag(text: str) -> str:
    """Return a language with its country, if it has one: "de-AT"; "" for a text that is no tag."""
    trimmed = text.strip()
    if len(trimmed) > LONGEST or not _TAG.fullmatch(trimmed):
        return ""
    language, *rest = re.split("[-_]", trimmed)
    country = next((part.upper() for part in rest[:2] if _COUNTRY.fullmatch(part)), "")
    return f"{language.lower()}-{country}" if country else language.lower()


def spoken(tag: str) -> str:
    """Return the language of a tag without its country: "de"."""
    return tag.partition("-")[0]
