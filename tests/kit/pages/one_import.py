"""One file that is imported: checked, with a record of each verdict."""

from __future__ import annotations

import io

from sqlalchemy.orm import Session

from automations.features.csv_import import uploading
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CHECKED, VERDICTS, CsvRecord
from automations.models.tables.store import Store
from tests.world import NOW

WORDS = {"words": [["status", "In the workshop", 3], ["source", "Market", 1]]}
CONTENT = b"Number,Note\nF-1,By the door\n"


def one_import(session: Session, store: Store) -> dict[str, int]:
    """Add it, inside write(); return the values of URL parts by name."""
    file, words = io.BytesIO(CONTENT), StoreWords(session, store)
    found = uploading.read(file)
    one = uploading.begin(session, store, words, "order", "orders.csv", (found, file), "Rosa Lind", NOW)
    one.state, one.read, one.figures = CHECKED, 1, dict.fromkeys(VERDICTS, 1) | WORDS
    for row, verdict in enumerate(VERDICTS, 2):
        record = CsvRecord(import_id=one.id, row=row, key=f"number {row}", label=f"F-{row}", verdict=verdict)
        record.data = {"made": {"number": f"F-{row}"}, "roundings": {}}
        record.changed, record.problems = ["Note"], [[row, "Total", "Needs an amount such as 1,234.50."]]
        session.add(record)
    session.flush()
    return {"import_id": one.id}
