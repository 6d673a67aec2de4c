"""Guesses which source a file is from, and which column of it is which of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from automations.features.csv_files.csv_columns import CsvColumn, columns_of
from automations.features.csv_import import shopify_files, square_files, woocommerce_files
from automations.features.csv_import.csv_format import EXTRA, CsvFormat, folded
from automations.models.settings.choices import StoreWords

#: The most particular first: a file of Square’s items has all headings of its transactions.
FORMATS: Mapping[str, CsvFormat] = {
    one.key: one
    for one in (
        shopify_files.ORDERS,
        square_files.ITEMS,
        square_files.TRANSACTIONS,
        woocommerce_files.ANALYTICS,
        woocommerce_files.ORDERS,
        shopify_files.CUSTOMERS,
        square_files.CUSTOMERS,
        woocommerce_files.CUSTOMERS,
    )
}
#: Headings that people and other programs use, by the label of our column in small letters.
OTHERS: Mapping[str, str] = {
    "order": "number",
    "order id": "number",
    "order number": "number",
    "order no": "number",
    "id": "number",
    "e-mail": "email",
    "mail": "email",
    "e-mail address": "email",
    "email address": "email",
    "phone number": "phone",
    "telephone": "phone",
    "mobile": "phone",
    "surname": "last name",
    "family name": "last name",
    "forename": "first name",
    "given name": "first name",
    "notes": "note",
    "company": "account",
    "company name": "account",
    "account name": "account",
    "date": "placed at",
    "order date": "placed at",
    "created at": "placed at",
    "customer": "customer name, first and last",
    "customer name": "customer name, first and last",
    "paid": "amount paid",
    "amount": "total",
    "guests": "number of guests",
}


def targets(subject: str, words: StoreWords) -> list[CsvColumn]:
    """Return everything that a column of a file may be."""
    return [*columns_of(subject, words), *EXTRA[subject]]


def format_of(headings: Sequence[str], subject: str) -> CsvFormat | None:
    """Return the format that has these headings, whatever their order; None for any other file."""
    names = {folded(heading) for heading in headings}
    fitting = (one for one in FORMATS.values() if one.subject == subject and names.issuperset(one.signs))
    return next(fitting, None)


def guessed(headings: Sequence[str], subject: str, source: CsvFormat | None, words: StoreWords) -> list[str]:
    """Return for each heading the key of our column, each at most once, or ""."""
    by_label = {folded(column.label): column.key for column in targets(subject, words)}
    by_label |= {folded(key): key for key in by_label.values() if "." not in key}
    if subject == "account":
        by_label |= dict.fromkeys(("account", "company", "company name", "account name"), "name")
    taken: set[str] = set()
    keys = []
    for heading in map(folded, headings):
        known = source.columns.get(heading, "") if source else _other(heading, by_label)
        keys.append(known if known not in taken else "")
        taken |= {known} - {""}
    return keys


def _other(heading: str, by_label: Mapping[str, str]) -> str:
    return by_label.get(heading) or by_label.get(OTHERS.get(heading, ""), "")
