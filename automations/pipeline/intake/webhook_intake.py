"""Takes a record that another service sends by a signed webhook, once per message. After: receive."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from sqlalchemy.orm import Session

from automations.models.access.api_authentication import current_store
from automations.pipeline.intake import take_records, vocabulary_cache
from automations.pipeline.intake.idempotency import RequestKey, StoredAnswer, answer_once
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause


def message(hook_id: int, message_id: str, body: bytes) -> RequestKey:
    """Return the key of a message: its id. It contains spaces, which no key of the API can."""
    return RequestKey(f"webhook {hook_id} {message_id}", hashlib.sha256(body).hexdigest())


def take(
    session: Session, store_id: int, cause: Cause, key: RequestKey, subject: str, item: Item, now: dt.datetime
) -> StoredAnswer:
    """Create or change the record, inside write(); a repeated message gets the first answer again.

    Raises KeyUsed for another message with the same id.
    """
    store = current_store(session, store_id)

    def work() -> StoredAnswer:
        words = vocabulary_cache.words_of(session, store)
        (received,) = take_records.take(session, store, subject, [item], cause, now, words)
        answer = {"number": received.number, "created": received.created, "fired": received.fired}
        return StoredAnswer(201 if received.created else 200, json.dumps(answer))

    return answer_once(session, store_id, key, now, work)
