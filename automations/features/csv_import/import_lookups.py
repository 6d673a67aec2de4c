"""Looks up imports, their records, and what would fire for them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.csv_import.csv_text import SEPARATORS
from automations.models.tables.automation import Automation, Version
from automations.models.tables.csv_import import VERDICTS, CsvImport, CsvRecord


def of_store(session: Session, store_id: int, most: int = 20) -> list[CsvImport]:
    """Return the latest imports of a store, newest first."""
    query = sa.select(CsvImport).where(CsvImport.store_id == store_id).order_by(CsvImport.id.desc())
    return list(session.scalars(query.limit(most)))


def records(session: Session, one: CsvImport, verdict: str, most: int) -> list[CsvRecord]:
    """Return the first records of one verdict, in the order of the file."""
    of_import = sa.and_(CsvRecord.import_id == one.id, CsvRecord.verdict == verdict)
    query = sa.select(CsvRecord).where(of_import).order_by(CsvRecord.id)
    return list(session.scalars(query.limit(most)))


def listening(session: Session, store_id: int, subject: str) -> list[str]:
    """Return the names of the automations that are on and listen to this kind of record."""
    query = (
        sa.select(Automation.name)
        .join(Version, Version.id == Automation.active_version_id)
        .where(Automation.store_id == store_id, Version.subject == subject)
    )
    return list(session.scalars(query.order_by(Automation.name)))


def counts(one: CsvImport) -> dict[str, int]:
    """Return how many records there are of each verdict."""
    return {verdict: int(one.figures.get(verdict, 0)) for verdict in VERDICTS}


def separator_word(one: CsvImport) -> str:
    """Return what separates its columns: "comma"."""
    return SEPARATORS[one.options["separator"]]
