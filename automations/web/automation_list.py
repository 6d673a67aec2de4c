"""The list of automations, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for

from automations.models.automation import Automation

ROWS = 50


@dataclass(frozen=True)
class Page:
    """Some of the automations found, and the address of the next ones, "" at the end."""

    automations: Sequence[Automation]
    found: int
    first: bool
    more: str


def page_of(found: Sequence[Automation], after: str) -> Page:
    """The page that follows the automation with the id `after`; the first one for anything else."""
    ids = [str(automation.id) for automation in found]
    begin = ids.index(after) + 1 if after in ids else 0
    some = found[begin : begin + ROWS]
    rest = len(found) > begin + ROWS
    more = url_for(request.endpoint or "", **{**request.args, "after": some[-1].id}) if rest else ""
    return Page(some, len(found), begin == 0, more)
