"""The fields a condition may test, grouped under the headings of the dropdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from automations.engine.fields.subject import CUSTOM, CUSTOMER, NOW, Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.models.settings.choices import StoreWords
from automations.web.builder.controls import Option

_HEADINGS = {CUSTOMER: "Its customer", NOW: "The current time", CUSTOM: "Custom fields"}
#: What people call a field besides its label, by the last part of its key.
_ALSO = {
    "status": "state stage progress",
    "payment_status": "paid unpaid",
    "order_type": "kind occasion",
    "event_type": "kind occasion wedding",
    "fulfilment_method": "fulfillment shipping delivery collection pickup",
    "account": "company business invoice",
    "delivery_type": "shipping courier carrier method",
    "delivery_status": "shipping parcel tracking",
    "total": "amount price sum value money",
    "amount_paid": "payment money received",
    "balance_due": "owed outstanding unpaid money",
    "item_count": "quantity products lines",
    "delivery_date": "shipping day due",
    "event_date": "day wedding when",
    "storage_until": "pickup collection deadline expires",
    "placed_at": "ordered created date time when",
    "source": "channel origin website shop till",
    "shipping": "delivery postage cost fee",
    "discount": "coupon voucher reduction",
    "tax": "vat",
    "amount_refunded": "refund money back",
    "delivery_from": "slot window time earliest",
    "delivery_until": "slot window time latest",
    "recipient": "receiver name addressee",
    "card_message": "gift greeting text",
    "parcel_count": "packages boxes",
    "carriers": "courier shipping",
    "postcode": "zip postal code",
    "region": "county state province",
    "city": "town",
    "street": "address road",
    "phone": "telephone mobile number",
    "email": "mail address",
    "first_name": "forename given",
    "last_name": "surname family",
    "marketing_consent": "newsletter permission opt-in gdpr",
    "created_at": "since new joined registered",
    "tags": "labels",
    "note": "comment remark",
    "tracking_number": "parcel shipment",
    "guests": "people attendees",
    "budget": "money price",
    "weekday": "day today monday tuesday wednesday thursday friday saturday sunday weekend",
    "time": "hour clock now",
    "working_time": "open opening hours closed",
    "order_count": "loyal count",
    "total_spent": "spend money revenue lifetime value",
    "last_order_date": "recent inactive",
    "category": "type product",
    "sku": "article product code",
    "quantity": "amount number pieces",
    "unit_price": "cost money",
    "name": "article item",
    "currency": "money euro pound",
    "language": "speaks reads",
    "company": "business firm",
    "country": "nation abroad",
    "store": "shop branch",
}


def subject_of(key: object, words: StoreWords) -> Subject | None:
    """Return the subject `key` with the store's custom fields, or None if there is no such subject."""
    subject = SUBJECTS.get(key) if isinstance(key, str) else None
    return subject.with_custom(words.custom(subject.key)) if subject else None


def fields_of(subject: Subject | None, on_lines: bool) -> Mapping[str, Field]:
    """Return the fields a condition may test, by key: of the record, or of one of its lines."""
    if subject is None:
        return {}
    return subject.line_fields if on_lines else subject.fields


def options_of(fields: Iterable[Field], heading: str) -> list[Option]:
    """Return the dropdown's options, the record's own fields first; a single heading is left out."""
    headed = [(_heading(field, heading), field) for field in fields]
    order = list(dict.fromkeys([heading, *_HEADINGS.values()]))
    headed.sort(key=lambda pair: order.index(pair[0]))
    several = len({name for name, _ in headed}) > 1
    return [
        Option(field.key, field.label, group=name if several else "", words=_also(field))
        for name, field in headed
    ]


def owner_of(field: Field, subject: Subject | None) -> Subject:
    """Return the subject that has the field, and so knows its operators; `subject` is tried first."""
    subjects = [candidate for candidate in (subject, *SUBJECTS.values()) if candidate]
    owners = (owner for owner in subjects if field.key in owner.fields or field.key in owner.line_fields)
    return next(owners, subjects[0])


def _heading(field: Field, own: str) -> str:
    return next((name for start, name in _HEADINGS.items() if field.key.startswith(start)), own)


def _also(field: Field) -> str:
    return _ALSO.get(field.key.rpartition(".")[2], "") if not field.key.startswith(CUSTOM) else ""
