"""The files of Square’s dashboard: items of transactions, transactions, and customers."""

from __future__ import annotations

from automations.features.csv_import.csv_format import CsvFormat

_SALE = {
    "date": "placed_day",
    "time": "placed_time",
    "time zone": "placed_zone",
    "transaction id": "number",
    "tax": "rows.tax",
    "discounts": "rows.discount",
    "net sales": "rows.net",
    "event type": "rows.kind",
    "customer id": "customer.id",
    "customer name": "customer.name",
}
#: What was sold at a till is paid and handed over.
_DONE = {"source": "till", "status": "fulfilled", "payment_status": "paid"}

ITEMS = CsvFormat(
    "square",
    "Square, items of transactions",
    "order",
    ("transaction id", "item", "qty"),
    {
        **_SALE,
        "item": "lines.name",
        "qty": "lines.quantity",
        "gross sales": "lines.gross",
        "sku": "lines.sku",
        "category": "lines.category",
    },
    always=_DONE,
)
TRANSACTIONS = CsvFormat(
    "square_transactions",
    "Square, transactions",
    "order",
    ("transaction id", "gross sales", "total collected"),
    {**_SALE, "description": "lines.words"},
    always=_DONE,
)
CUSTOMERS = CsvFormat(
    "square_customers",
    "Square, customers",
    "customer",
    ("reference id", "first name", "email address"),
    {
        "square customer id": "id",
        "first name": "first_name",
        "last name": "last_name",
        "email address": "email",
        "phone number": "phone",
        "memo": "note",
    },
)
