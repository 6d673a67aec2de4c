"""Translates what a shop calls things into entries of the store's lists, and counts the rest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.sources.delivery_dates import is_delivery_date
from automations.connectors.sources.delivery_times import is_delivery_time
from automations.connectors.sources.shop_messages import Attribute, Word
from automations.engine.fields.subjects import SUBJECTS
from automations.models.settings.choices import StoreWords
from automations.models.tables.shop_connection import ShopConnection, ShopWord

#: The target of what a person chose to leave out.
LEFT_OUT = "-"
DELIVERY_DATE = "delivery_date"
#: The lists of words -> our fields of which an entry may be chosen.
FIELDS = {
    "status": ("status",),
    "payment_status": ("payment_status",),
    "delivery_status": ("delivery_status",),
    "shipping": ("delivery_type", "fulfilment_method"),
    "order_type": ("order_type",),
    "method": ("fulfilment_method",),
    "source": ("source",),
    "tag": ("order_type",),
    "event_status": ("status",),
    "event_type": ("event_type",),
}
TAG, ATTRIBUTE = "tag", "attribute"
#: What a person may also choose for a tag, which alone says nothing about it.
_BY_HAND = {TAG: ("delivery_type", "fulfilment_method")}
#: The own fields of which a tag may set an entry.
_LISTED = frozenset({"choice", "bool"})
#: Both times of a slot in one text: a place of attributes, and no field.
SLOT = "delivery_slot"
#: Where the value of an attribute may be kept, beside the store's own fields and lists.
PLACES = (
    *(DELIVERY_DATE, SLOT, "delivery_from", "delivery_until", "storage_until"),
    *("recipient", "card_message", "note", "tracking_number"),
)
#: Fields that attributes may say -> the list of words in which their values are looked up.
WORDS_OF = {"order_type": "order_type", "delivery_type": "shipping", "fulfilment_method": "method"}
_YES_NO = {"yes": "Yes", "no": "No"}
#: Shops can send any number of words; of each list so many are kept.
MOST = 500
LONGEST = 200


class Translation:
    """The words of one connection, as one delivery uses them."""

    def __init__(
        self, session: Session, connection: ShopConnection, words: StoreWords, *, counts: bool = True
    ) -> None:
        self._session, self._connection, self._words = session, connection, words
        #: Whether words are counted that were counted before: not of a message that is taken once more.
        self._counts = counts
        query = sa.select(ShopWord).where(ShopWord.connection_id == connection.id)
        self._rows = {(row.kind, row.said): row for row in session.scalars(query)}
        #: (list, word, target or None) of everything that was looked up.
        self.used: list[tuple[str, str, str | None]] = []

    def targets(self, words: Iterable[Word], *, is_new: bool, now: dt.datetime) -> dict[str, str]:
        """Return our field -> the key of its entry; what a person chose comes before what we would say."""
        chosen: dict[str, str] = {}
        meant: dict[str, str] = {}
        for word in words:
            said = word.said[:LONGEST]
            row = self._rows.get((word.kind, said))
            by_hand, usual = self._of_person(row), self._of_ours(word, is_new)
            target = by_hand or usual
            self._count(word.kind, said, target, usual, word.is_optional, now)
            if target and target != LEFT_OUT:
                name, _, key = target.partition("=")
                (chosen if by_hand else meant).setdefault(name, key)
        return meant | chosen

    def meaning(self, word: Word) -> str | None:
        """Return the target of a word in a new record, without counting it."""
        row = self._rows.get((word.kind, word.said[:LONGEST]))
        chosen = row.target if row else None
        return chosen if chosen in self._offered(word.kind) else self._of_ours(word, is_new=True)

    def places(self, attributes: Iterable[Attribute], now: dt.datetime) -> list[tuple[str, str]]:
        """Return (our field, value as sent) for the attributes that belong somewhere."""
        placed = []
        for attribute in attributes:
            name = attribute.name[:LONGEST]
            usual = _usual_place(name)
            target = self._of_person(self._rows.get((ATTRIBUTE, name))) or usual
            self._count(ATTRIBUTE, name, target, usual, attribute.is_internal or not attribute.value, now)
            if target and target != LEFT_OUT and attribute.value:
                placed.append((target, attribute.value))
        return placed

    @staticmethod
    def words_in(places: Iterable[tuple[str, str]]) -> list[Word]:
        """Return the words among the values of attributes: those of which an entry of a list is meant."""
        return [
            Word(WORDS_OF[place], value, by_beginning=WORDS_OF[place] == "shipping")
            for place, value in places
            if place in WORDS_OF
        ]

    def _of_person(self, row: ShopWord | None) -> str | None:
        """Return what a person chose; if the store no longer has it, the word waits again."""
        if row is not None and row.target is not None and row.target not in self._offered(row.kind):
            row.target = None
        return row.target if row else None

    def _offered(self, kind: str) -> set[str]:
        return {target for target, _ in targets_of(kind, self._words)}

    def _of_ours(self, word: Word, is_new: bool) -> str | None:
        for target in (*word.ours, *(word.when_new if is_new else ())):
            name, _, key = target.partition("=")
            found = self._words.key_for(_list_of(word.kind, name), key)
            if found is not None:
                return f"{name}={found}"
        if word.by_beginning:
            return self._by_beginning(word.said)
        # Not for a status that is left as it was on purpose.
        names = () if word.ours or word.when_new else FIELDS.get(word.kind, ())
        for name in names:
            for spelling in (word.said, re.sub(r"[-_\s]+", " ", word.said)):
                found = self._words.key_for(_list_of(word.kind, name), spelling)
                if found is not None:
                    return f"{name}={found}"
        return None

    def _by_beginning(self, title: str) -> str | None:
        """Return the delivery type with whose label the title begins; of several, the longest."""
        options = [
            (len(label), key)
            for key, label in self._words.options("delivery_type")
            if title.strip().casefold().startswith(label.casefold())
        ]
        return f"delivery_type={max(options)[1]}" if options else None

    def _count(
        self, kind: str, said: str, target: str | None, usual: str | None, is_optional: bool, now: dt.datetime
    ) -> None:
        self.used.append((kind, said, target))
        row = self._rows.get((kind, said))
        if row is None:
            if sum(1 for other, _ in self._rows if other == kind) >= MOST:
                return
            row = ShopWord(connection_id=self._connection.id, store_id=self._connection.store_id, kind=kind)
            row.said, row.first_at, row.count = said, now, 0
            self._session.add(row)
            self._rows[kind, said] = row
        if self._counts or not row.count:
            row.count, row.last_at = row.count + 1, now
        row.usual, row.is_optional = usual, is_optional

    def note_delivery(self, delivery_id: int) -> None:
        """Remember in which delivery each of the words stood."""
        for kind, said, _ in self.used:
            row = self._rows.get((kind, said))
            if row is not None:
                row.delivery_id = delivery_id


def targets_of(kind: str, words: StoreWords) -> list[tuple[str, str]]:
    """Return (target, label) of everything a word of this kind may be taken for."""
    if kind == ATTRIBUTE:
        labels = {name: entry.label for name, entry in SUBJECTS["order"].columns.items()}
        labels |= {SLOT: f"{labels['delivery_from']} and until"}
        own = [(key, entry.label) for key, entry in words.custom("order").items()]
        places = [(name, labels[name]) for name in (*PLACES, *WORDS_OF)]
        return [*places, *own, (LEFT_OUT, "Leave it out")]
    offered = []
    for name in (*FIELDS[kind], *_BY_HAND.get(kind, ())):
        label = "" if name == FIELDS[kind][0] else f"{SUBJECTS['order'].columns[name].label}: "
        offered += [(f"{name}={key}", label + text) for key, text in words.options(_list_of(kind, name))]
    if kind == TAG:
        offered += _own_entries(words)
    return [*offered, (LEFT_OUT, "Leave it as it is here")]


def _own_entries(words: StoreWords) -> list[tuple[str, str]]:
    """Return (target, label) of the entries of the store's own lists and of its fields of yes and no."""
    return [
        (f"{name}={key}", f"{entry.label}: {label}")
        for name, entry in words.custom("order").items()
        if entry.type in _LISTED
        for key, label in (entry.labels if entry.type == "choice" else _YES_NO).items()
    ]


def _usual_place(name: str) -> str | None:
    if is_delivery_date(name):
        return DELIVERY_DATE
    return SLOT if is_delivery_time(name) else None


def _list_of(kind: str, name: str) -> str:
    """Return the key of the list of a field: of an event for its own words, otherwise of an order."""
    subject = "event" if kind.startswith("event_") else "order"
    return str(SUBJECTS[subject].columns[name].choices)
