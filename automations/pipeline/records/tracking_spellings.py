"""Tracking numbers as people type them: “rm 0001 0020 0gb” is RM000100200GB."""

from __future__ import annotations

import re

_BESIDE = re.compile(r"[\s-]+")
#: Where carriers print spaces: in the numbers of all posts, and in those of UPS. Others print groups.
_PRINTED = (
    re.compile(r"([A-Z]{2})(\d{4})(\d{4})(\d[A-Z]{2})", re.ASCII),
    re.compile(r"([A-Z]{2})(\d{3})(\d{3})(\d{3})([A-Z]{2})", re.ASCII),
    re.compile(r"([A-Z]{2})(\d{9})([A-Z]{2})", re.ASCII),
    re.compile(r"(1Z)([A-Z0-9]{3})([A-Z0-9]{3})([A-Z0-9]{2})([A-Z0-9]{4})([A-Z0-9]{4})", re.ASCII),
    re.compile(r"(1Z)([A-Z0-9]{6})([A-Z0-9]{2})([A-Z0-9]{8})", re.ASCII),
)
_IN_GROUPS = (4, 3)


def plain(number: str) -> str:
    """Return a tracking number by which all its spellings are the same."""
    return _BESIDE.sub("", number).upper()


def spellings(number: str) -> list[str]:
    """Return how a tracking number may stand in an order: as it is, without spaces, and as it is printed."""
    whole = plain(number)
    printed = [" ".join(match.groups()) for form in _PRINTED if (match := form.fullmatch(whole))]
    grouped = [" ".join(re.findall(f".{{1,{size}}}", whole)) for size in _IN_GROUPS]
    found = [whole, *printed, *grouped]
    return list(dict.fromkeys([number, *found, *(one.lower() for one in found)]))
