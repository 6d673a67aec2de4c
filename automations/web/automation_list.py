"""The list of automations, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for

ROWS = 50


@dataclass(frozen=True)
class Page:
    """Some of the automations found, by id, and the address of the next ones, "" at the end."""

    ids: Sequence[int]
    found: int
    first: bool
    more: str


def page_of(found: Sequence[int], after: str) -> Page:
    """The page that follows the automation with the id `after`; the first one for anything else."""
    begin = next((place for place, id in enumerate(found, start=1) if str(id) == after), 0)
    some = found[begin : begin + ROWS]
    rest = len(found) > begin + ROWS
    more = url_for(request.endpoint or "", **{**request.args, "after": some[-1]}) if rest else ""
    return Page(some, len(found), begin == 0, more)
