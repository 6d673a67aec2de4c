"""Takes a record that another service tells of by a signed webhook, once a message. Before: receive."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from sqlalchemy.orm import Session

from automations.models.access.api_authentication import current_store
from automations.pipeline.intake import take_records, vocabulary_cache
from automations.pipeline.intake.idempotency import Once, StoredAnswer, once
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause


def message(hook_id: int, message_id: str, body: bytes) -> Once:
    """What makes two messages the same: their id. No key of the API has a space."""
    return Once(f"webhook {hook_id} {message_id}", hashlib.sha256(body).hexdigest())


def take(
    session: Session, store_id: int, cause: Cause, given: Once, subject: str, item: Item, now: dt.datetime
) -> StoredAnswer:
    """Create or change the record; a message that came before gets its first answer. Inside write().

    Raises KeyUsed for a message of the same id that says something else.
    """
    store = current_store(session, store_id)

    def work() -> StoredAnswer:
        words = vocabulary_cache.words_of(session, store)
        (received,) = take_records.take(session, store, subject, [item], cause, now, words)
        told = {"number": received.number, "created": received.created, "fired": received.fired}
        return StoredAnswer(201 if received.created else 200, json.dumps(told))

    return once(session, store_id, given, now, work)
