"""What a message of a source says, in terms that all of them share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class ShopRequest:
    """A delivery as it came in. `headers` have names in small letters; `url` is the registered address."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    #: What stood behind the “?” of the address.
    query: Mapping[str, str] = field(default_factory=dict)
    #: The options of the connection, with "currency" and "zone" of its store.
    settings: Mapping[str, Any] = field(default_factory=dict)
    received_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What a source calls a value of one of our lists, and how we would say it, best first.

    `kind` names the list of such words: status, payment_status, delivery_status, source, shipping, tag.
    """

    kind: str
    said: str
    #: "status=confirmed": a field, and the key of an entry.
    ours: tuple[str, ...] = ()
    #: For a record that is new to us, where a known one stays as it was.
    when_new: tuple[str, ...] = ()
    #: Whether an entry with which the text begins will do.
    by_beginning: bool = False
    #: Whether leaving it as it is loses nothing.
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class ShopLine:
    """One line of an order: what is left of it, at the price before discounts."""

    name: str
    quantity: Decimal
    unit_price: Decimal
    sku: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class ShopParcel:
    """A parcel with a number of its own; `word` is what the source says of where it is."""

    tracking_number: str
    carrier: str = ""
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class ShopCustomer:
    """A buyer. What the source does not say is missing from `parts`."""

    id: str
    parts: Mapping[str, str | bool]
    at: dt.datetime | None = None
    #: When the source made it, if the message is about this customer.
    made_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name and a value that apps and plugins add to an order."""

    name: str
    value: str
    #: Whether it is of the shop's own machinery: nothing that people typed.
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order or event as the source has it now. `values` are our fields, with exact amounts."""

    id: str
    number: str
    at: dt.datetime | None
    currency: str
    values: Mapping[str, object]
    words: Sequence[Word]
    lines: Sequence[ShopLine]
    attributes: Sequence[Attribute] = ()
    customer: ShopCustomer | None = None
    #: The refunds that are in it already, by their id.
    refunds: Mapping[str, Decimal] = field(default_factory=dict)
    #: Whether its amounts are net of what was given back; else that is told apart.
    knows_refunds: bool = True
    #: Rises with every change, where the source counts them.
    version: int | None = None
    is_test: bool = False
    #: All its parcels that have a number; None if the source does not tell them.
    parcels: Sequence[ShopParcel] | None = None
    #: Whether `lines` are all lines there are; else they are not known.
    has_lines: bool = True
    subject: str = "order"
    #: (our field, value as sent) where people picked the values; then no other is guessed.
    picked: Sequence[tuple[str, str]] | None = None
    #: Ids by which it may have been known before another value was picked as its id.
    ids_before: Sequence[str] = ()
    #: When the source itself made it, where that may be another time than that of placing.
    made_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """The source no longer has the order with this id."""

    id: str
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money that was given back for an order, told apart from the order."""

    order_id: str
    id: str
    amount: Decimal
    at: dt.datetime | None = None
    #: Whether messages about the order say nothing of it, also later ones.
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class PaymentNews:
    """What became of a payment, told apart from the order: all that was taken, and how the source calls it.

    Without a word, the payment status follows from the amount.
    """

    order_id: str
    amount: Decimal
    word: Word | None = None
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ParcelNews:
    """What a carrier says of a parcel. `status` is in EasyPost's words, "" if it says nothing new."""

    id: str
    tracking_number: str
    status: str
    said: str
    at: dt.datetime | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class TestDelivery:
    """A made-up message, by which the source tries the address. Nothing of it is stored."""

    __test__ = False


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A message that is understood, and is about nothing we take; `why` is a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class ToFetch:
    """A message that only names a record of the source: its API has it, as it is by now."""

    #: What it is there, such as "order" or "payment".
    kind: str
    id: str
    #: What the message says by itself, for as long as the API cannot be asked.
    otherwise: ShopOrder | None = None


@dataclass(frozen=True, slots=True)
class Several:
    """A message about several records, each as it would be alone; an error is of one that cannot be read."""

    parts: Sequence[Message | ValueError]


Message = (
    ShopOrder
    | ShopCustomer
    | Deleted
    | Refunded
    | PaymentNews
    | ParcelNews
    | TestDelivery
    | NotTaken
    | ToFetch
    | Several
)
#: What there is to do with a message, or with what was fetched for it.
Fetched = ShopOrder | ShopCustomer | NotTaken
