"""What the program says of itself: lines of text or of JSON, with nothing in them about any person.

An exception's own words may quote a row, and a row may hold a customer. So of an exception only its kind, its
place and the database's code are written; and whatever else is written goes through `without_people`.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import sys
import traceback
from types import TracebackType

import msgspec
import sqlalchemy as sa

#: What a name looks like cannot be told; addresses, numbers and tokens can.
_PERSONAL = (
    (re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)*"), "[email]"),
    (re.compile(r"\b(sa_live_|whsec_|Bearer\s+)\S+"), "[token]"),
    (re.compile(r"(?<![\w.:/-])(?!\d{4}-\d\d-\d\d)\+?\d[\d ()/-]{7,}\d(?![\w:])"), "[number]"),
    # Random text of some length: cookies, keys, links that need no sign-in. A workflow's id has another form.
    (
        re.compile(r"(?<![\w-])(?![0-9a-f]{8}-[0-9a-f]{4}-)(?=[\w.-]*\d)(?=[\w.-]*[A-Z])[\w.-]{28,}"),
        "[token]",
    ),
)
#: Their words speak of connections, locks and disks, never of a row.
_SPEAKING = (sa.exc.OperationalError, OSError)
#: Libraries with handlers of their own, which would write around ours.
_OWN_HANDLERS = ("dbos", "waitress", "gunicorn.error", "werkzeug")
Error = tuple[type[BaseException], BaseException, TracebackType | None]


def set_up(kind: str, level: str = "WARNING") -> None:
    """Write to the standard error, as "text" or as "json"."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if kind == "json" else Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _OWN_HANDLERS:
        library = logging.getLogger(name)
        library.handlers[:], library.propagate = [], True


def without_people(text: str) -> str:
    """The text with every address, number and token taken out."""
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text


class Text(logging.Formatter):
    """A line for people, and below it where an exception came from."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = f"{at:%Y-%m-%d %H:%M:%S} {record.name} {record.levelname} {_message(record)}"
        return "\n".join([line, *_places(record.exc_info), *_kinds(record.exc_info)])


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        told: dict[str, object] = {"at": at.isoformat(), "level": record.levelname, "logger": record.name}
        told["message"] = _message(record)
        if record.exc_info:
            told["error"] = _kinds(record.exc_info)
            told["places"] = [place.strip() for place in _places(record.exc_info)]
        return msgspec.json.encode(told).decode()


def _message(record: logging.LogRecord) -> str:
    # An exception given as an argument is as talkative as one that is logged.
    given = record.args if isinstance(record.args, tuple) else ()
    if isinstance(record.msg, BaseException) or any(isinstance(one, BaseException) for one in given):
        safe = tuple(_kind(one) if isinstance(one, BaseException) else one for one in given)
        text = _kind(record.msg) if isinstance(record.msg, BaseException) else str(record.msg) % safe
        return without_people(text)
    text = record.getMessage()
    # What libraries write of an exception is made before it comes here; its first line names no rows.
    return without_people(text if record.name.startswith("automations") else text.partition("\n")[0])


def _kinds(info: object) -> list[str]:
    """The exception, and what it came from."""
    error = info[1] if isinstance(info, tuple) else None
    found = []
    while error is not None and len(found) < 10:
        found.append(_kind(error))
        error = error.__cause__ or error.__context__
    return found


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    told = f"{name} ({code})" if code else name
    if isinstance(error, _SPEAKING):
        words = str(original or error).strip().partition("\n")[0]
        return f"{told}: {without_people(words)}"
    return told


def _places(info: object) -> list[str]:
    trace = info[2] if isinstance(info, tuple) else None
    return [f"  {place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(trace)]
