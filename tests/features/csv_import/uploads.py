"""Files of shops, and importing them as the worker does."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from automations.features.csv_import import import_work, imports, uploading
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CsvImport
from automations.models.tables.store import Store
from tests.world import NOW

FIRST = {
    "Name": "#1001",
    "Email": "ivy@example.com",
    "Financial Status": "paid",
    "Fulfillment Status": "fulfilled",
    "Accepts Marketing": "yes",
    "Currency": "GBP",
    "Shipping": "4.95",
    "Taxes": "5.00",
    "Total": "64.95",
    "Discount Amount": "0.00",
    "Shipping Method": "Standard",
    "Created at": "2026-10-07 09:50:26 +0200",
    "Lineitem quantity": "2",
    "Lineitem name": "Roses",
    "Lineitem price": "20.00",
    "Lineitem sku": "R-1",
    "Billing Name": "Ivy Rose Cole",
    "Shipping Name": "Anna Petrova",
    "Shipping Address1": "1 Mill Lane",
    "Shipping Address2": "Flat 2",
    "Shipping City": "Bath",
    "Shipping Zip": "'01234",
    "Notes": "Ring,\ntwice",
    "Refunded Amount": "0.00",
    "Outstanding Balance": "0.00",
    "Id": "5551",
    "Tags": "vip, wedding",
    "Phone": "'+442079460124",
}
#: Headings in the order in which they happen to stand here: they are found by name.
SHOPIFY = [*FIRST, "Paid at", "Subtotal", "Discount Code", "Shipping Country", "Cancelled at", "Vendor"]
SECOND = {
    "Name": "#1001",
    "Lineitem quantity": "1",
    "Lineitem name": "Vase",
    "Lineitem price": "20.00",
}


def text_of(headings: Sequence[str], rows: Sequence[Mapping[str, str]], separator: str = ",") -> str:
    """Return the text of a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, restval="", delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def upload(content: str | bytes, subject: str = "order", store: str = "Bloom & Wild St") -> int:
    """Upload a file; return the id of its import."""
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    found = uploading.read(file)
    with write() as session:
        of_store = session.query(Store).filter_by(name=store).one()
        words = StoreWords(session, of_store)
        one = uploading.begin(session, of_store, words, subject, "orders.csv", (found, file), "Ada", NOW)
        return one.id


def check(import_id: int, columns: Sequence[str] | None = None, **options: Any) -> str:
    """Have a file checked with the columns guessed, or with others; return why not, or ""."""
    with write() as session:
        one = session.get_one(CsvImport, import_id)
        words = StoreWords(session, session.get_one(Store, one.store_id))
        why_not = imports.check(session, import_id, columns or one.columns, options, words)
    if not why_not:
        work()
    return why_not


def start(import_id: int) -> None:
    """Start an import, and do it to its end."""
    with write() as session:
        assert imports.move(session, import_id, imports.START, NOW)
    work()


def work(worker: str = "local") -> int:
    """Do what waits, as a worker does."""
    return import_work.work_all(lambda: NOW, worker, lambda _: True)


def take(content: str | bytes, subject: str = "order", **options: Any) -> CsvImport:
    """Upload, check and import a file; return its import."""
    import_id = upload(content, subject)
    assert check(import_id, **options) == ""
    start(import_id)
    return loaded(import_id)


def loaded(import_id: int) -> CsvImport:
    """Return an import as it is now."""
    return db.session.get_one(CsvImport, import_id, populate_existing=True)
