"""What people do with an import: choose its columns, have it checked, start it, stop it, remove it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.csv_import import (
    column_memory,
    file_pieces,
    mark_tallies,
    unknown_words,
    ways_of_writing,
)
from automations.features.csv_import.column_guesses import targets
from automations.features.csv_import.file_pieces import forget_records
from automations.features.csv_import.making import NEEDS
from automations.features.csv_import.uploading import LOOKED_AT, dates_in
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import (
    CHECKED,
    CHECKING,
    FAILED,
    IMPORTING,
    MAPPING,
    STOPPED,
    WORKING,
    CsvImport,
)

#: From where an import may go: the state it must be in -> the one it then is in.
STOP = {CHECKING: MAPPING, IMPORTING: STOPPED}
START = {CHECKED: IMPORTING, STOPPED: IMPORTING}
MAY_MAP = (MAPPING, CHECKED)
MAY_REMOVE = (MAPPING, CHECKED, STOPPED, FAILED, "done")
OTHER_STATE = "It has changed since this page was loaded."
#: A column twice, or none that is needed.
TWICE = "Two columns are the {}. Choose one of them."
#: By one of these a customer is found again.
WHO = ("number", "email", "id")


def problem_with(subject: str, columns: Sequence[str], labels: Mapping[str, str]) -> str:
    """Return what is wrong with a choice of columns, as a sentence; "" if nothing is."""
    chosen = [key for key in columns if key]
    twice = next((key for key in chosen if chosen.count(key) > 1), "")
    if twice:
        return TWICE.format(labels[twice].lower())
    if subject == "customer" and not set(WHO) & set(chosen):
        return (
            "No column is the number or the email of the customer. Choose one, so that they are found again."
        )
    needed = NEEDS.get(subject, ("",))[0]
    if needed and needed not in chosen:
        return f"No column is the {needed} of the {subject}. Choose the one that is."
    return ""


def check(
    session: Session,
    import_id: int,
    columns: Sequence[str],
    options: Mapping[str, Any],
    words: StoreWords,
) -> str:
    """Have a file checked with these columns, inside write(); return why not, as a sentence, or ""."""
    one = session.get_one(CsvImport, import_id, with_for_update=True, populate_existing=True)
    if one.state not in MAY_MAP:
        return OTHER_STATE
    first = [cells for _, cells in islice(file_pieces.rows_of(session, one), LOOKED_AT)]
    found = {**one.options, "mark": "", **dates_in(first, list(columns), one.subject, words)}
    found.setdefault("amounts", mark_tallies.to_data(mark_tallies.tallied(first)))
    found |= {name: value for name, value in options.items() if value not in (None, "")}
    if found["month_first"] is None:
        found["month_first"] = ways_of_writing.remembered_month_first(found)
    one.columns = list(columns)
    one.options = ways_of_writing.settled(found, columns, one.subject, words)
    question = ways_of_writing.what_to_ask(one.options)
    if question:
        one.state = MAPPING
        return question
    choices = [*ways_of_writing.chosen_now(one.options), *column_memory.chosen_now(one, words)]
    unknown_words.remember(session, one, choices)
    check_again(session, one)
    return ""


def check_again(session: Session, one: CsvImport) -> None:
    """Have a file checked from its beginning, inside write()."""
    forget_records(session, one.id)
    one.state, one.read, one.figures, one.claim = CHECKING, 0, {}, None
    one.started_at = None


def lists_of(subject: str, words: StoreWords) -> dict[str, str]:
    """Return our fields that are an entry of a list, with the key of that list."""
    return {one.key: one.list_key for one in targets(subject, words) if one.type == "choice" and one.list_key}


def move(session: Session, import_id: int, steps: Mapping[str, str], now: dt.datetime) -> str | None:
    """Start, stop or go on, inside write(); return the new state, or None if it is in another one by now."""
    one = session.get_one(CsvImport, import_id, with_for_update=True, populate_existing=True)
    if one.state not in steps:
        return None
    one.state, one.claim, one.claimed_until = steps[one.state], None, None
    if one.state == IMPORTING:
        # From here on its records are enough, and the file is personal data.
        file_pieces.forget(session, one.id)
        one.started_at = now
    if one.state == MAPPING:
        forget_records(session, one.id)
        one.read, one.figures = 0, {}
    return str(one.state)


def choose(session: Session, import_id: int, chosen: Mapping[str, Any]) -> None:
    """Keep what becomes of known records and whether automations fire, inside write()."""
    one = session.get_one(CsvImport, import_id)
    one.options = {**one.options, **chosen}


def remove(session: Session, import_id: int) -> bool:
    """Delete an import with all that is kept of its file, inside write(); return whether it was."""
    one = session.get_one(CsvImport, import_id, with_for_update=True, populate_existing=True)
    if one.state in WORKING:
        return False
    delete(session, [one.id])
    return True


def delete(session: Session, ids: Sequence[int]) -> None:
    """Delete imports with all that is kept of their files, inside write()."""
    for import_id in ids:
        forget_records(session, import_id)
        file_pieces.forget(session, import_id)
    gone = sa.delete(CsvImport).where(CsvImport.id.in_(ids))
    session.execute(gone, execution_options={"synchronize_session": False})
