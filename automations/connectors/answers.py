"""Reading what an HTTP answer says: values by path, and how long to wait."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from automations.connectors.egress import Answer
from automations.connectors.text import plain

#: Refusals that may be lifted: request timeout, too early, too many requests.
PASSING = frozenset({408, 425, 429})
GONE = 410


def parsed(text: str) -> object:
    """The JSON of a text, or None where it is none."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON.")


def value_at(data: object, path: str) -> object:
    """The value at a path such as "messages.0.status"; None where it leads nowhere."""
    for step in filter(None, path.split(".")):
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def as_text(value: object) -> str:
    """A value of an answer as it compares with what a person typed: true, 12, text."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def wait_asked(headers: Mapping[str, str], now: dt.datetime) -> int | None:
    """The seconds of a Retry-After header, given as a number or as a date; None without one."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdecimal():
        return int(given[:9])
    try:
        until = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0, round((until - now).total_seconds()))


def kept(answer: Answer) -> dict[str, object]:
    """An answer as an attempt keeps it."""
    # A NUL can be written to neither database as text.
    return {"status": answer.status, "body": plain(answer.text), "cut": answer.cut}
