"""The forms of a CloudEvent over HTTP: one in the body, one in the headers, or many in one body."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from automations.connectors import standard_webhooks
from automations.connectors.event_times import moment_of
from automations.connectors.standard_webhooks import NotAWebhookEvent, WebhookEvent, event_of
from automations.engine.operators.value_types import counted

BATCH = "application/cloudevents-batch+json"
#: The most events in one batch.
MOST = 250


class Named(msgspec.Struct):
    """What tells an event from all others."""

    id: str = ""
    source: str = ""


_read_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read_name = msgspec.json.Decoder(Named).decode


def is_batch(content_type: str) -> bool:
    """Whether a body of this type holds many events."""
    return content_type.partition(";")[0].strip().lower() == BATCH


def is_binary(headers: Mapping[str, str]) -> bool:
    """Whether the headers say what the event is, and the body is its record alone."""
    is_structured = headers.get("content-type", "").strip().lower().startswith("application/cloudevents")
    return bool(headers.get("ce-type")) and not is_structured


def read(body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
    """Return the one event of a request. Raises NotAWebhookEvent."""
    if not is_binary(headers):
        return standard_webhooks.read(body)
    return event_of(unquote(headers["ce-type"]), body.strip(), lambda: _at(headers))


def content(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return all that a message says, so that another one with the same id is told from it."""
    if not is_binary(headers):
        return body
    return b"\n".join([headers["ce-type"].encode(), headers.get("ce-time", "").encode(), body])


def read_batch(body: bytes) -> list[bytes]:
    """Return the events of a batch, each as a body of its own. Raises NotAWebhookEvent."""
    try:
        events = _read_list(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotAWebhookEvent("Send a list of CloudEvents in JSON.") from None
    if len(events) > MOST:
        raise NotAWebhookEvent(
            f"Send at most {MOST} events in one batch; this one has {counted(len(events))}."
        )
    return [bytes(event) for event in events]


def name_of(event: bytes) -> Named:
    """Return what tells an event from all others; without id and source, it has no name."""
    try:
        return _read_name(event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Named()


def _at(headers: Mapping[str, str]) -> dt.datetime | None:
    """Return the time in the header. It is not signed, so it is never later than the signed time."""
    said = headers.get("ce-time")
    if not said:
        return None
    moment = moment_of(unquote(said))
    if moment is None:
        raise NotAWebhookEvent("“ce-time” has to be a time, such as 2026-11-22T10:00:00Z.")
    sent = standard_webhooks.signature_of(headers)["webhook-timestamp"]
    return (
        min(moment, moment_of(int(sent)) or moment) if standard_webhooks.SECONDS.fullmatch(sent) else moment
    )
