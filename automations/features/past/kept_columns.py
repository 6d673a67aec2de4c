"""Keeps large tables in a file for the next start, without anything that could name a person.

Texts, tags, the store's own fields and everything about customers stay out, so erasing a customer leaves
nothing to be removed here; these columns are read from the log again. A file that does not fit the log as it
is now is ignored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from types import GenericAlias
from typing import Any
from zipfile import BadZipFile

import msgspec
from sqlalchemy.orm import Session

from automations.engine.fields.subject import CHANGE_FROM, CHANGE_TO, NOW
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.distances import is_distance
from automations.features.past.arrays import np
from automations.features.past.columns import Column
from automations.features.past.occurrence_table import OccurrenceTable
from automations.features.past.raw_facts import CHANGED, field_of
from automations.features.past.row_reader import LogState, TableKey, log_state, texts_of
from automations.models.db.driver import connection_of

#: Of this form; older files are ignored.
FORM = 2
#: The fewest occurrences worth a file: reading so many anew takes a second.
LEAST = 50_000
#: The newest occurrences, by whose texts a file is known to be about this log.
_COMPARED = 8
_TYPES: dict[str, Any] = {
    "choice": str,
    "bool": str,
    "reference": str,
    "number": Decimal,
    "money": Decimal,
    "date": dt.date,
    "datetime": dt.datetime,
    "time": dt.time,
}


#: What reading a file raises that is cut off, damaged, or of another form.
_UNFIT = (OSError, EOFError, ValueError, KeyError, IndexError, BadZipFile, msgspec.MsgspecError)


class _Header(msgspec.Struct):
    """What a file is about."""

    form: int
    state: tuple[int, int, str]
    newest: str
    columns: list[str]


def save(session: Session, folder: Path, table: OccurrenceTable) -> None:
    """Write the table to its file; a full disk is no reason to fail."""
    if not len(table):
        return
    kept = (column for column in table.columns.values() if _type_of(table.key, column.key))
    # Amounts in two currencies are not of one type.
    columns = [column for column in kept if not column.has_foreign]
    header = _Header(
        FORM, astuple(table.state), _newest(session, table.key, table.ids[-1]), [one.key for one in columns]
    )
    arrays = {"header": _bytes(header), "ids": table.ids, "record_ids": table.record_ids, "ats": table.ats}
    for place, column in enumerate(columns):
        arrays |= {f"codes{place}": column.codes.array, f"values{place}": _bytes(column.values[2:])}
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(_path(session, folder, table.key), arrays)


def _write(path: Path, arrays: dict[str, Any]) -> None:
    number, name = tempfile.mkstemp(dir=path.parent)
    try:
        with open(number, "wb") as file:
            np.savez(file, **arrays)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def load(session: Session, folder: Path, key: TableKey) -> OccurrenceTable | None:
    """Return the table of a file; None if there is none, or none that fits."""
    try:
        with np.load(_path(session, folder, key), allow_pickle=False) as arrays:
            return _table(session, key, arrays)
    except _UNFIT:
        return None


def _table(session: Session, key: TableKey, arrays: Any) -> OccurrenceTable | None:
    header = msgspec.json.decode(arrays["header"].tobytes(), type=_Header)
    ids = arrays["ids"]
    kept, present = LogState(*header.state), log_state(session, key.store_id)
    is_other = (kept.rewrites, kept.currency) != (present.rewrites, present.currency)
    if header.form != FORM or is_other or header.newest != _newest(session, key, ids[-1]):
        return None
    columns = []
    for place, name in enumerate(header.columns):
        column = Column(name, SUBJECTS[key.subject], None)
        type = GenericAlias(list, (_type_of(key, name),))
        values: Any = msgspec.json.decode(arrays[f"values{place}"].tobytes(), type=type)
        column.restore(arrays[f"codes{place}"], values)
        columns.append(column)
    table = OccurrenceTable(key)
    table.restore(kept, (ids, arrays["record_ids"], arrays["ats"]), columns)
    return table


def _type_of(key: TableKey, column: str) -> Any:
    """Return the type of a column's values; None if it is not to be kept in a file."""
    if column in (CHANGE_FROM, CHANGE_TO):
        return str
    if column == CHANGED:
        return tuple[str, ...]
    subject = SUBJECTS[key.subject]
    field = field_of(subject, column, None)
    if field is None or key.subject == "customer" or not (field.own or field.key.startswith(NOW)):
        return None
    return Decimal if is_distance(column) else _TYPES.get(field.type)


def _newest(session: Session, key: TableKey, last: int) -> str:
    """Return a digest of the newest occurrences up to an id."""
    return hashlib.sha256(msgspec.json.encode(texts_of(session, key, int(last), _COMPARED))).hexdigest()


def _path(session: Session, folder: Path, key: TableKey) -> Path:
    database = hashlib.sha256(str(connection_of(session).engine.url).encode()).hexdigest()[:12]
    return folder / f"{database}-{key.store_id}-{key.subject}-{key.trigger}.npz"


def _bytes(value: Any) -> Any:
    return np.frombuffer(msgspec.json.encode(value), np.uint8)
