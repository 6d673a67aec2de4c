"""The shops of a store, the messages of one and its words, as CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import Blueprint, Response, g
from sqlalchemy.orm import load_only

from automations.connectors.sources.all_sources import SOURCES
from automations.models.db.base import db
from automations.models.settings import shop_connections
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery, ShopWord
from automations.pipeline.sources import word_choices
from automations.pipeline.sources.translation import targets_of
from automations.web.exports.csv_response import csv_response, local, pieces
from automations.web.kit.scope import by_id_or_404
from automations.web.records.kind_pages import store_words
from automations.web.records.record_links import links_to

bp = Blueprint("shop_exports", __name__)

SHOP = (
    *("Name", "What sends", "Connected", "Last message", "Last test message", "Refused", "Last refused"),
    *("Why it was refused", "Repeated", "Unknown words", "Closed"),
)
MESSAGE = ("Received", "About", "Outcome", "What became of it", "Record", "The sender’s own id")
WORD = ("Kind", "Word", "Times", "First", "Last", "Means here", "Chosen")

#: All that a line needs; the payloads would not fit in memory.
_LINE = (
    *(ShopDelivery.id, ShopDelivery.received_at, ShopDelivery.topic, ShopDelivery.outcome),
    *(ShopDelivery.sentence, ShopDelivery.subject, ShopDelivery.record_id, ShopDelivery.delivery_id),
)


@bp.get("/settings/shops.csv")
def shops() -> Response:
    connections = shop_connections.of_store(db.session(), g.store.id)
    waiting = word_choices.waiting(db.session(), [one.id for one in connections])
    rows = (_shop(one, waiting.get(one.id, 0)) for one in connections)
    return csv_response("shops", SHOP, rows, "the shops")


@bp.get("/settings/shops/<int:shop_id>/messages.csv")
def messages(shop_id: int) -> Response:
    """Return every message of a shop that is kept, newest first, without its payload."""
    connection = by_id_or_404(ShopConnection, shop_id)
    query = sa.select(ShopDelivery).where(ShopDelivery.connection_id == connection.id)
    rows = _messages(query.options(load_only(*_LINE)))
    return csv_response("messages", MESSAGE, rows, f"the messages of {connection.name}")


@bp.get("/settings/shops/<int:shop_id>/words.csv")
def words(shop_id: int) -> Response:
    connection = by_id_or_404(ShopConnection, shop_id)
    by_kind = word_choices.words_of(db.session(), connection)
    targets = {kind: dict(targets_of(kind, store_words())) for kind in by_kind}
    rows = (_word(word, targets[kind]) for kind, found in by_kind.items() for word in found)
    return csv_response("words", WORD, rows, f"the words of {connection.name}")


def _shop(one: ShopConnection, waiting: int) -> Sequence[str]:
    kind = SOURCES[one.kind].label
    heard = (local(one.created_at), local(one.heard_at), local(one.tested_at))
    refused = (str(one.refused), local(one.refused_at), one.refused_why or "")
    return one.name, kind, *heard, *refused, str(one.repeated), str(waiting), local(one.closed_at)


def _messages(query: sa.Select[ShopDelivery]) -> Iterator[Sequence[str]]:
    for deliveries in pieces(query, ShopDelivery.id):
        links = links_to((one.subject, one.record_id) for one in deliveries)
        for one in deliveries:
            record, _ = links.get((one.subject, one.record_id), ("", ""))
            what = (one.outcome.capitalize(), one.sentence, record, one.delivery_id)
            yield local(one.received_at), one.topic, *what


def _word(word: ShopWord, targets: dict[str, str]) -> Sequence[str]:
    chosen = word.target or word.usual
    means = "" if chosen is None else targets.get(chosen, chosen)
    when = (local(word.first_at), local(word.last_at))
    return word_choices.KINDS[word.kind], word.said, str(word.count), *when, means, local(word.chosen_at)
