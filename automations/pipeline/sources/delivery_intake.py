"""Takes a delivery of a shop, once: verified before, kept here, translated by the rest of the package."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.sources.all_sources import SOURCES
from automations.connectors.sources.payload import NotUnderstood
from automations.connectors.sources.shop_messages import (
    Deleted,
    Message,
    NotTaken,
    ParcelNews,
    PaymentNews,
    Refunded,
    Several,
    ShopCustomer,
    ShopOrder,
    ShopRequest,
    TestDelivery,
    ToFetch,
)
from automations.models.settings import shop_connections
from automations.models.tables.shop_connection import (
    FAILED,
    NOT_TAKEN,
    NOT_UNDERSTOOD,
    OLDER,
    TEST,
    UNCHANGED,
    WAITING,
    ShopConnection,
    ShopDelivery,
)
from automations.models.tables.store import Store
from automations.pipeline.intake import vocabulary_cache
from automations.pipeline.records.change import Cause
from automations.pipeline.sources import fetch_queue, kept_payloads, old_orders
from automations.pipeline.sources.buyers import take_customer
from automations.pipeline.sources.kept_payloads import LONGEST_KEPT
from automations.pipeline.sources.outcome import Outcome, Taking
from automations.pipeline.sources.parcel_news import take_parcel
from automations.pipeline.sources.picking import fingerprint, mapping_of
from automations.pipeline.sources.several_records import take_all
from automations.pipeline.sources.shop_orders import take_order
from automations.pipeline.sources.translation import Translation
from automations.pipeline.sources.withdrawals import take_deletion, take_payment, take_refund

#: How the headers begin that say what a delivery is about, and those among them that prove who sent it.
_SAYING = ("x-shopify-", "shopify-", "x-wc-webhook-", "as-webhook-")
_PROVING = ("hmac", "signature")
#: The id of what no message brought, and what of it is not worth keeping.
FOUND = "found"
NO_NEWS = frozenset({UNCHANGED, OLDER, NOT_TAKEN})
OUR_ERROR = (
    "An error of this program, not of the shop, got in the way ({}). The message is kept: try it again."
)
NUMBER_ALONE = "{} Give the {} on the page of the connection, and the rest is fetched."


def take(session: Session, connection_id: int, request: ShopRequest, now: dt.datetime) -> Outcome:
    """Take a genuine delivery, inside write(); a repeated one gets the first answer again."""
    connection = shop_connections.locked(session, connection_id)
    source = SOURCES[connection.kind]
    connection.heard_at, connection.silence_told_at = now, None
    request = replace(request, settings=_settings(session, connection), received_at=now)
    before = _before(session, connection_id, source.delivery_id(request), _hash(request))
    if before is not None:
        connection.repeated += 1
        return Outcome(before.outcome, before.sentence)
    delivery = _new(connection, request, now)
    delivery.payload = _text(request.body) if len(request.body) <= LONGEST_KEPT else None
    return _settle(session, connection, delivery, lambda: source.read(request), now)


def take_found(session: Session, connection_id: int, request: ShopRequest, now: dt.datetime) -> Outcome:
    """Take an order that was asked for, inside write(); it is kept as a delivery if there was news in it."""
    connection = shop_connections.locked(session, connection_id)
    delivery = _new(connection, request, now)
    delivery.delivery_id = FOUND
    before = _before(session, connection_id, FOUND, delivery.body_hash)
    if before is not None:
        return Outcome(UNCHANGED, before.sentence)
    delivery.payload = _text(request.body) if len(request.body) <= LONGEST_KEPT else None
    source = SOURCES[connection.kind]
    return _settle(session, connection, delivery, lambda: source.read(request), now, NO_NEWS)


def keep_failed(
    session: Session, connection_id: int, request: ShopRequest, error: Exception, now: dt.datetime
) -> Outcome:
    """Keep a delivery that an error of our own kept from being taken, inside write(), whatever its length."""
    connection = shop_connections.locked(session, connection_id)
    connection.heard_at, connection.silence_told_at = now, None
    source = SOURCES[connection.kind]
    outcome = Outcome(FAILED, OUR_ERROR.format(type(error).__name__))
    if _before(session, connection_id, source.delivery_id(request), _hash(request)) is None:
        delivery = _new(connection, request, now)
        delivery.payload = _text(request.body)
        _write_outcome(session, delivery, outcome, now)
    return outcome


def again(session: Session, delivery: ShopDelivery, now: dt.datetime) -> Outcome:
    """Take a kept delivery once more, inside write(), by what the words of its shop mean now."""
    connection = shop_connections.locked(session, delivery.connection_id)
    request = ShopRequest(
        (delivery.payload or "").encode(),
        delivery.headers,
        settings=_settings(session, connection),
        received_at=delivery.received_at,
    )
    delivery.topic = SOURCES[connection.kind].topic(request)
    read = SOURCES[connection.kind].read
    return _settle(session, connection, delivery, lambda: read(request), now, is_again=True)


def take_fetched(
    session: Session,
    connection: ShopConnection,
    delivery: ShopDelivery,
    message: Message,
    fetched: str | None,
    now: dt.datetime,
) -> Outcome:
    """Take what was fetched for a delivery, inside write()."""
    if fetched is not None and len(fetched) <= LONGEST_KEPT:
        delivery.fetched = fetched.replace("\0", "\ufffd").replace("\\u0000", "\ufffd")
    return _settle(session, connection, delivery, lambda: message, now)


def give_up(delivery: ShopDelivery, why: str, now: dt.datetime) -> None:
    """Say that what a delivery is about could not be fetched, inside write()."""
    delivery.outcome, delivery.sentence, delivery.tried_at = FAILED, f"Not fetched: {why}", now


def refuse(session: Session, connection_id: int, why: str, now: dt.datetime) -> None:
    """Count a delivery that was refused, inside write()."""
    connection = shop_connections.locked(session, connection_id)
    connection.refused, connection.refused_at, connection.refused_why = connection.refused + 1, now, why


def settings_of(connection: ShopConnection, store: Store) -> dict[str, Any]:
    """Return what a source may have to know of its connection to read what it sends."""
    return {**connection.options, "currency": store.currency, "zone": store.timezone}


def _settings(session: Session, connection: ShopConnection) -> dict[str, Any]:
    return settings_of(connection, session.get_one(Store, connection.store_id))


def _new(connection: ShopConnection, request: ShopRequest, now: dt.datetime) -> ShopDelivery:
    source = SOURCES[connection.kind]
    delivery = ShopDelivery(connection_id=connection.id, store_id=connection.store_id, received_at=now)
    delivery.delivery_id, delivery.body_hash = source.delivery_id(request), _hash(request)
    delivery.topic, delivery.headers = source.topic(request), _saying(request)
    return delivery


def _settle(
    session: Session,
    connection: ShopConnection,
    delivery: ShopDelivery,
    read: Callable[[], Message],
    now: dt.datetime,
    not_kept: frozenset[str] = frozenset(),
    *,
    is_again: bool = False,
) -> Outcome:
    store = session.get_one(Store, connection.store_id)
    words = vocabulary_cache.words_of(session, store)
    cause = Cause("api", connection.name)
    translation = Translation(session, connection, words, counts=not is_again)
    of_message = (
        old_orders.says_new(delivery.topic),
        delivery.delivery_id == FOUND,
        old_orders.says_back(delivery.topic),
    )
    taking = Taking(session, store, connection, words, translation, cause, now, *of_message)
    outcome = _outcome(taking, read)
    if outcome.state == TEST:
        connection.tested_at = now
    if "mapped_at" in connection.options:
        read_by = {"mapping": fingerprint(mapping_of(connection))}
        outcome = replace(outcome, understood={**outcome.understood, **read_by})
    if outcome.state in not_kept:
        return outcome
    _write_outcome(session, delivery, outcome, now)
    translation.note_delivery(delivery.id)
    if outcome.wanted:
        fetch_queue.put(session, delivery, outcome.wanted, now)
    return outcome


def _write_outcome(session: Session, delivery: ShopDelivery, outcome: Outcome, now: dt.datetime) -> None:
    delivery.outcome, delivery.sentence, delivery.tried_at = outcome.state, outcome.sentence, now
    delivery.understood, delivery.subject = dict(outcome.understood), outcome.subject
    delivery.record_id = outcome.record_id
    session.add(delivery)
    session.flush()
    kept_payloads.drop_some(session, delivery)


def _outcome(taking: Taking, read: Callable[[], Message]) -> Outcome:
    try:
        return _dispatch(taking, read())
    except NotUnderstood as error:
        return Outcome(NOT_UNDERSTOOD, str(error))


def _dispatch(taking: Taking, message: Message) -> Outcome:
    match message:
        case ShopOrder():
            return take_order(taking, message)
        case ShopCustomer():
            return take_customer(taking, message)
        case Deleted():
            return take_deletion(taking, message)
        case Refunded():
            return take_refund(taking, message)
        case PaymentNews():
            return take_payment(taking, message)
        case ParcelNews():
            return take_parcel(taking, message)
        case ToFetch():
            return _to_be_fetched(taking, message)
        case TestDelivery():
            return Outcome(TEST, "The test message arrived: the signature is right, and nothing was stored.")
        case NotTaken():
            return Outcome(NOT_TAKEN, message.why)
        case Several():
            return take_all(taking, message, lambda part: _outcome(taking, part))


def _to_be_fetched(taking: Taking, message: ToFetch) -> Outcome:
    """Have it fetched; as long as there is no token, take what the message says by itself."""
    source = SOURCES[taking.connection.kind]
    if taking.connection.access:
        sentence = f"{source.label} sent only a part of it: the record is fetched now."
        return Outcome(WAITING, sentence, wanted=message)
    without = ("", "token") if source.api is None else (source.api.without, source.api.token_label.lower())
    missing = NUMBER_ALONE.format(*without)
    if message.otherwise is None:
        return Outcome(WAITING, missing, wanted=message)
    taken = take_order(taking, message.otherwise)
    return replace(taken, sentence=f"{taken.sentence} {missing}", wanted=message)


def _before(session: Session, connection_id: int, delivery_id: str, body_hash: str) -> ShopDelivery | None:
    return session.scalar(
        sa.select(ShopDelivery).where(
            ShopDelivery.connection_id == connection_id,
            ShopDelivery.delivery_id == delivery_id,
            ShopDelivery.body_hash == body_hash,
        )
    )


def _hash(request: ShopRequest) -> str:
    return hashlib.sha256(request.body).hexdigest()


def _text(body: bytes) -> str:
    """Return the body as text to keep. Neither database stores a NUL."""
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")


def _saying(request: ShopRequest) -> dict[str, str]:
    return {
        name: value[:200].replace("\0", "")
        for name, value in request.headers.items()
        if name.startswith(_SAYING) and not any(word in name for word in _PROVING)
    }
