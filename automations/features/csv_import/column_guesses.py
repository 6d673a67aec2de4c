"""Guesses which source a file is from, and which column of it is which of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from automations.features.csv_files.csv_columns import CsvColumn, columns_of
from automations.features.csv_import import shopify_files, square_files, woocommerce_files
from automations.features.csv_import.csv_format import EXTRA, CsvFormat, folded
from automations.features.csv_import.foreign_headings import BESIDE_NAME, LABELS, NAMES, plain
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
#: What a heading means where a kind of record has no such column.
_ELSE: Mapping[str, str] = {
    "placed at": "event date",
    "customer name, first and last": "name, first and last",
}


def targets(subject: str, words: StoreWords) -> list[CsvColumn]:
    """Return everything that a column of a file may be."""
    return [*columns_of(subject, words), *EXTRA[subject]]


def format_of(headings: Sequence[str], subject: str) -> CsvFormat | None:
    """Return the format that has these headings, whatever their order; None for any other file."""
    names = {folded(heading) for heading in headings}
    fitting = (one for one in FORMATS.values() if one.subject == subject and names.issuperset(one.signs))
    return next(fitting, None)


def guessed(
    headings: Sequence[str],
    subject: str,
    source: CsvFormat | None,
    words: StoreWords,
    chosen: Mapping[int, str] | None = None,
) -> list[str]:
    """Return for each heading the key of our column, each at most once, or "".

    `chosen` says it by the place of a heading, as a person did for an earlier file.
    """
    by_label = {folded(column.label): column.key for column in targets(subject, words)}
    by_label |= {folded(key): key for key in by_label.values() if "." not in key}
    if subject == "account":
        by_label |= dict.fromkeys(("account", "company", "company name", "account name"), "name")
    chosen = chosen or {}
    taken = set(chosen.values())
    last_name = by_label.get("last name") or by_label.get("customer last name")
    if last_name and subject != "event" and BESIDE_NAME & set(map(plain, headings)):
        by_label["name"] = last_name
    names_people = any(_label(heading) in ("first name", "last name") for heading in headings)
    keys = []
    for place, heading in enumerate(headings):
        own = source.columns.get(folded(heading), "") if source else ""
        known = own if source else _other(heading, by_label, names_people)
        keys.append(chosen.get(place, known if known not in taken else ""))
        taken |= {known} - {""}
    return keys


def _other(heading: str, by_label: Mapping[str, str], names_people: bool) -> str:
    """Return the key of our column for a heading of a file of no known source, or ""."""
    label = _label(heading)
    if label in NAMES:
        label = NAMES[label] if names_people else "name, first and last"
    said = (folded(heading), label, f"customer {label}", _ELSE.get(label, ""))
    return next((by_label[one] for one in said if one in by_label), "")


def _label(heading: str) -> str:
    return OTHERS.get(folded(heading)) or LABELS.get(plain(heading), "") or plain(heading)
