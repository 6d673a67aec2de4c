"""Reads the files of a store while its messages are sent, outside every transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.stored_file import StoredFile
from automations.models.tables.store_file import ATTACHMENT, StoreFile

_FILE = StoreFile.metadata.tables["store_file"]


class StoreFiles:
    """The files of one store. A file never changes, so that each is read once."""

    def __init__(self, engine: sa.Engine, store_id: int) -> None:
        self._engine = engine
        self._store_id = store_id
        self._read: dict[int, StoredFile | None] = {}

    def read(self, id: int) -> StoredFile | None:
        """Return a file; None if the store has none with this id."""
        if id not in self._read:
            self._read[id] = self._find(id)
        return self._read[id]

    def named(self, name: str) -> StoredFile | None:
        """Return the file of this name that emails can bring along; None if the store has none."""
        return self._first(_FILE.c.name == name, _FILE.c.purpose == ATTACHMENT)

    def _find(self, id: int) -> StoredFile | None:
        return self._first(_FILE.c.id == id)

    def _first(self, *conditions: sa.ColumnElement[bool]) -> StoredFile | None:
        wanted = sa.and_(*conditions, _FILE.c.store_id == self._store_id)
        with self._engine.connect() as connection:
            query = sa.select(_FILE.c.name, _FILE.c.type, _FILE.c.content).where(wanted)
            row = connection.execute(query).first()
        return StoredFile(*row) if row else None


def files_of(session: Session, store_id: int) -> StoreFiles:
    """Return the files of a store."""
    return StoreFiles(session.get_bind().engine, store_id)
