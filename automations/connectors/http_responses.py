"""Read an HTTP answer: values by path, and how long it asks us to wait."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from automations.connectors.egress import HttpAnswer
from automations.connectors.plain_text import plain

#: Temporary refusals: request timeout, too early, too many requests.
PASSING = frozenset({408, 425, 429})
GONE = 410


def parsed(text: str) -> object:
    """Return `text` parsed as JSON, or None if it is not JSON."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON.")


def value_at(data: object, path: str) -> object:
    """Return the value at a path such as "messages.0.status", or None if there is none."""
    for step in path_steps(path):
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def path_steps(path: str) -> list[str]:
    """Return the steps of a path; a place in a list is written "jobs.0.id" or "jobs[0].id"."""
    return [step for step in re.split(r"[.\[\]]+", path.strip()) if step]


def as_text(value: object) -> str:
    """Return a value of an answer as text, for comparing with what a person typed: true, 12, text."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def wait_asked(headers: Mapping[str, str], now: dt.datetime) -> int | None:
    """Return the wait in seconds that a Retry-After header asks for, or None without a readable one."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return int(value[:9])
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0, round((until - now).total_seconds()))


def kept(answer: HttpAnswer) -> dict[str, object]:
    """Return an answer as an attempt stores it."""
    # Neither database stores a NUL in text.
    return {"status": answer.status, "body": plain(answer.text), "cut": answer.cut}
