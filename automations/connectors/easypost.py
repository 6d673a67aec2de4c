"""Verify and read EasyPost's webhooks about parcels."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from automations.connectors.event_times import moment_of
from automations.connectors.http_responses import parsed
from automations.connectors.plain_text import one_line

HEADER = "X-Hmac-Signature"
_PREFIX = "hmac-sha256-hex="
_LONGEST = 200
#: The events that say how a parcel is.
_ABOUT_PARCELS = frozenset({"tracker.created", "tracker.updated"})


class NotAnEasyPostEvent(ValueError):
    """The body is not an EasyPost event; `str(error)` is a sentence."""


@dataclass(frozen=True)
class TrackerEvent:
    """One update of one parcel. `tracking_number` is "" for an event about something else."""

    id: str
    tracking_number: str = ""
    #: EasyPost's word: pre_transit, in_transit, out_for_delivery, delivered and so on.
    status: str = ""
    #: Made with a test key: it says nothing about a real parcel.
    is_test: bool = False
    #: When it was so, by EasyPost's clock; None if the event does not say.
    at: dt.datetime | None = None


def is_genuine(body: bytes, signature: str, secret: str) -> bool:
    """Whether `signature`, from the header HEADER, is EasyPost's signature of the body."""
    key = unicodedata.normalize("NFKD", secret).encode()
    expected = _PREFIX + hmac.new(key, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def read(body: bytes) -> TrackerEvent:
    """Return the event in a webhook's body. Raises NotAnEasyPostEvent."""
    data = parsed(body.decode("utf-8", "replace"))
    if not isinstance(data, Mapping) or not _text(data.get("id")):
        raise NotAnEasyPostEvent("Send an event of EasyPost as JSON, with its id.")
    result = data.get("result")
    if not isinstance(result, Mapping) or _text(data.get("description")) not in _ABOUT_PARCELS:
        return TrackerEvent(_text(data.get("id")))
    number, status = _text(result.get("tracking_code")), _text(result.get("status"))
    return TrackerEvent(_text(data.get("id")), number, status, data.get("mode") == "test", _at(data, result))


def _at(event: Mapping[str, object], tracker: Mapping[str, object]) -> dt.datetime | None:
    """Return when the tracker was as the event says; a repeated event has the times it had at first."""
    details = tracker.get("tracking_details")
    steps = details if isinstance(details, list) else []
    scans = [moment_of(step.get("datetime")) for step in steps if isinstance(step, Mapping)]
    latest = max((scan for scan in scans if scan), default=None)
    return moment_of(tracker.get("updated_at")) or moment_of(event.get("created_at")) or latest


def _text(value: object) -> str:
    return one_line(value, _LONGEST).strip() if isinstance(value, str) else ""
