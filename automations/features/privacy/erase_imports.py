"""Takes a customer out of files that are imported: what names them goes, and a file not yet taken with it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.privacy.customer_rows import CustomerRows
from automations.models.db import text_search
from automations.models.tables.csv_import import FAILED, CsvImport, CsvPiece, CsvRecord
from automations.models.tables.store import Store

GONE = "It named a customer who has since been erased. Upload a new file without them."
#: What of an import may name a customer; its figures and options have words of the file.
_PARTS = ("name", "headings", "sample", "figures")
_WITHOUT = {"synchronize_session": False}
#: So many bytes of a piece are looked at with the next one: a name may lie across both.
_OVERLAP = 400


def locked(session: Session, store_id: int) -> Sequence[CsvImport]:
    """Return the imports of a store, locked: a worker takes one before the records it writes."""
    of_store = sa.select(CsvImport).where(CsvImport.store_id == store_id).order_by(CsvImport.id)
    return session.scalars(of_store.with_for_update()).all()


def erase(
    session: Session, customer_rows: CustomerRows, strong: Iterable[str], erased: Callable[[Any], Any]
) -> int:
    """Delete or rewrite what names the customer, inside write(); return how many rows."""
    texts, changed = list(strong), 0
    for one in locked(session, customer_rows.store_id):
        before = {name: getattr(one, name) for name in _PARTS} | {"words": one.options.get("words", [])}
        spelled = [*texts, *_apart(texts, one.options["separator"])]
        named = bool(texts) and any(_names(piece, one.options, spelled) for piece in _pieces(session, one.id))
        if named:
            one.state, one.problem, one.claim = FAILED, GONE, None
            changed += len(_deleted(session, CsvPiece, CsvPiece.import_id == one.id))
            changed += len(_deleted(session, CsvRecord, CsvRecord.import_id == one.id))
        elif texts:
            changed += len(
                _deleted(
                    session, CsvRecord, CsvRecord.import_id == one.id, _records([*texts, *_in_json(texts)])
                )
            )
        after = erased(before)
        for name in _PARTS:
            setattr(one, name, after[name])
        if after["words"] != before["words"]:
            one.options = {**one.options, "words": after["words"]}
        changed += after != before
    store = session.get_one(Store, customer_rows.store_id)
    if store.import_words and (words := erased(store.import_words)) != store.import_words:
        store.import_words = words
        changed += 1
    session.flush()
    return changed


def _records(texts: Iterable[str]) -> sa.ColumnElement[bool]:
    columns = [
        sa.type_coerce(getattr(CsvRecord, name), sa.Text) for name in ("key", "label", "data", "problems")
    ]
    return sa.or_(*(text_search.contains(column, text) for column in columns for text in texts))


def _apart(texts: Iterable[str], separator: str) -> Iterator[str]:
    """Yield how names are written whose two parts stand in two cells."""
    for text in texts:
        first, _, last = text.partition(" ")
        if last:
            yield from (f"{first}{separator}{last}", f'{first}"{separator}"{last}')


def _in_json(texts: Iterable[str]) -> Iterator[str]:
    """Yield how such names are written in a record."""
    for text in texts:
        first, _, last = text.partition(" ")
        if last:
            yield f'"first_name":"{first}","last_name":"{last}"'


def _deleted(session: Session, table: Any, *where: sa.ColumnElement[bool]) -> list[int]:
    gone = sa.delete(table).where(*where).returning(table.id)
    return list(session.scalars(gone, execution_options=_WITHOUT))


def _pieces(session: Session, import_id: int) -> Iterator[bytes]:
    place, tail = 0, b""
    while True:
        query = sa.select(CsvPiece.content).where(CsvPiece.import_id == import_id, CsvPiece.place == place)
        content = session.scalar(query)
        if content is None:
            return
        piece = tail + zlib.decompress(content)
        yield piece
        place, tail = place + 1, piece[-_OVERLAP:]


def _names(piece: bytes, options: dict[str, Any], texts: Iterable[str]) -> bool:
    folded = piece.decode(options["encoding"], "ignore").casefold()
    return any(text.casefold() in folded for text in texts)
