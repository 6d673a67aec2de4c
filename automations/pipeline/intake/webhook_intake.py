"""Takes a record that another service sends by a signed webhook, once per message. After: receive."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from sqlalchemy.orm import Session

from automations.connectors.plain_text import one_line
from automations.connectors.standard_webhooks import WebhookEvent
from automations.models.access import audit
from automations.models.tables.store import Store
from automations.pipeline.intake.idempotency import RequestKey, StoredAnswer, answer_once
from automations.pipeline.intake.intake_task import IntakeTask
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause, Received, SourceMessage

#: What a verb means that changes nothing here, as a sentence for the sender. "{}" is the kind of record.
_DELETED = "Nothing is deleted from outside. To say what became of the {0}, send {0}.updated."
_RESTORED = "Nothing was deleted here. Send {0}.updated with the {0} as it is now."
_MERGED = "Nothing is merged from outside. Send {0}.updated with each {0} as it is now."
_TEST = "This was a test: the signature is right, and nothing was changed."
_MEANINGS = {
    **dict.fromkeys(("deleted", "removed", "destroyed", "erased", "trashed", "purged", "archived"), _DELETED),
    **dict.fromkeys(("restored", "undeleted", "unarchived", "recovered"), _RESTORED),
    **dict.fromkeys(("merged", "split", "unmerged"), _MERGED),
    **dict.fromkeys(("test", "tested", "ping", "pinged"), _TEST),
}
_UNKNOWN = "“{0}.{1}” is not taken. Send {0}.created or {0}.updated with the {0} as it is now."
_LATE = "It came late: later messages have said otherwise, which stays."
_SHOWN = 60


def message(hook_id: int, message_id: str, body: bytes) -> RequestKey:
    """Return the key of a message: its id. It contains spaces, which no key of the API can."""
    return RequestKey(f"webhook {hook_id} {message_id}", hashlib.sha256(body).hexdigest())


def task(
    store_id: int, cause: Cause, key: RequestKey, event: WebhookEvent, item: Item, source: str
) -> IntakeTask:
    """Return what a message asks; a repeated one gets the first answer again.

    What the same `source` has said later stays.
    """
    sent = SourceMessage(source, event.at) if event.at else None
    return IntakeTask(store_id, event.subject, [item], _say, cause, key, message=sent)


def _say(_session: Session, _store: Store, received: list[Received]) -> StoredAnswer:
    (result,) = received
    answer = {"number": result.number, "created": result.created, "fired": result.fired}
    if result.late:
        answer |= {"late": sorted(result.late), "detail": _LATE}
    return StoredAnswer(201 if result.created else 200, json.dumps(answer))


def decline(
    session: Session, store_id: int, name: str, key: RequestKey, event: WebhookEvent, now: dt.datetime
) -> StoredAnswer:
    """Note that a message was not taken, once, inside write(); return the answer, a sentence as JSON text.

    Raises KeyUsed for another message with the same id.
    """

    def work() -> StoredAnswer:
        verb, number = one_line(event.verb, _SHOWN), one_line(event.number, _SHOWN)
        about = f"{event.subject} {number}".rstrip()
        audit.note(
            session,
            action="did not take a message about",
            about=about,
            store_id=store_id,
            after={"from": name, "type": f"{event.subject}.{verb}"},
            at=now,
        )
        sentence = _MEANINGS.get(event.verb, _UNKNOWN).format(event.subject, verb)
        return StoredAnswer(202, json.dumps(sentence))

    return answer_once(session, store_id, key, now, work)
