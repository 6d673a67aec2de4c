"""The list of automations, one page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from automations.models.tables.automation import Automation

ROWS = 50


@dataclass(frozen=True)
class AutomationPage:
    """The ids on one page of `total` automations. `more` is the address of the next page, "" at the end."""

    ids: Sequence[int]
    total: int
    first: bool
    more: str


def page_of(ids: Sequence[int], after: str) -> AutomationPage:
    """Return the page after the automation whose id is `after`, or the first page if it is not in `ids`."""
    begin = next((place for place, id in enumerate(ids, start=1) if str(id) == after), 0)
    shown = ids[begin : begin + ROWS]
    more = ""
    if len(ids) > begin + ROWS:
        arguments: dict[str, Any] = {**request.args, "after": shown[-1]}
        more = url_for(request.endpoint or "", **arguments)
    return AutomationPage(shown, len(ids), begin == 0, more)


def state_word(automation: Automation) -> str:
    """Return the state of an automation in a word, as its badge says it."""
    if automation.active_version_id:
        return "On"
    if automation.paused_at:
        return "Paused"
    return "Off" if automation.latest_version_id else "Draft"
