"""Starts an import of what its page shows: never with a reading that the rows were not checked with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.features.csv_import import imports, unknown_words
from automations.features.csv_import.csv_format import folded
from automations.features.csv_import.unknown_words import Choice
from automations.models.tables.csv_import import CHECKED, CsvImport

NOT_CHECKED = "The rows were not checked with what is chosen here. Check them again, then import."


@dataclass(frozen=True, slots=True)
class ShownReading:
    """How the page that a person pressed on says the file is read; None for what it does not say."""

    columns: Sequence[str] | None = None
    #: The mark before decimals, and whether the month comes first in dates.
    mark: str | None = None
    month_first: bool | None = None
    words: Sequence[Choice] = ()

    def differs_from(self, one: CsvImport) -> bool:
        """Return whether the rows of a file were checked with another reading than this."""
        options = one.options
        meant = unknown_words.by_word(options.get("words", []))
        return (
            self.columns not in (None, one.columns)
            or self.mark not in (None, options.get("mark") or options.get("whole"))
            or self.month_first not in (None, options.get("month_first"))
            or any(meant.get((field, folded(said)), "") != chosen for field, said, chosen in self.words)
        )


def start(
    session: Session, import_id: int, shown: ShownReading, chosen: Mapping[str, Any], now: dt.datetime
) -> str:
    """Start what is checked, or go on with what was stopped, inside write(); return why not, or "".

    `chosen` says what becomes of known records and whether automations fire. It is empty for one that goes
    on: what was chosen at first holds to its end.
    """
    one = session.get_one(CsvImport, import_id, with_for_update=True, populate_existing=True)
    if one.state == CHECKED and shown.differs_from(one):
        return NOT_CHECKED
    steps = {CHECKED: imports.START[CHECKED]} if chosen else imports.START
    if not imports.move(session, import_id, steps, now):
        return imports.OTHER_STATE
    imports.choose(session, import_id, chosen)
    return ""
