"""What the program says of itself: lines of text or of JSON, with nothing in them about any person.

An exception's own words may quote a row, and a row may hold a customer. So of an exception only its kind, its
place and the database's code are written; and whatever else is written goes through `without_people`. What a
stranger sent may stand in it too: so one record is one line, and what a terminal acts on is spelled out.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import TextIO

import msgspec
import sqlalchemy as sa

#: What a name looks like cannot be told; addresses, numbers and tokens can.
_PERSONAL = (
    # gunicorn quotes what it could not read.
    (re.compile(r"^(Invalid request from ip=\S+ [^:'\"]*).*", re.DOTALL), r"\1"),
    # Behind the host of an address, and behind the "?" of a path, anything may stand.
    (re.compile(r"\b(https?://[^\s/?#'\"]+)[/?#]\S*"), r"\1/[address]"),
    (re.compile(r"\?\S+"), "?[query]"),
    (re.compile(r"[\w.+%'-]+(@|%40)[\w-]+(\.[\w-]+)*"), "[email]"),
    (re.compile(r"\b(sa_live_|whsec_|Bearer\s+)\S+"), "[token]"),
    (re.compile(r"(?<![\w.:/-])(?!\d{4}-\d\d-\d\d)\+?\d[\d ()/-]{7,}\d(?![\w:])"), "[number]"),
    # Random text of some length: cookies, keys, links that need no sign-in. A workflow's id has another form.
    (
        re.compile(r"(?<![\w-])(?![0-9a-f]{8}-[0-9a-f]{4}-)(?=[\w.-]*\d)(?=[\w.-]*[A-Z])[\w.-]{28,}"),
        "[token]",
    ),
)
#: Its words speak of connections, locks and disks, never of a row.
_SPEAKING = sa.exc.OperationalError
#: Characters of a message; looking for people in a longer one takes its length squared.
_LONGEST = 2000
#: Libraries with handlers of their own, which would write around ours.
_OWN_HANDLERS = ("dbos", "waitress", "gunicorn.error", "werkzeug")
Error = tuple[type[BaseException], BaseException, TracebackType | None]


def set_up(kind: str, level: str = "WARNING") -> None:
    """Write to the standard error, as "text" or as "json"."""
    handler = _Handler(sys.stderr)
    handler.setFormatter(Json() if kind == "json" else Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _OWN_HANDLERS:
        library = logging.getLogger(name)
        library.handlers[:], library.propagate = [], True
    threading.excepthook = _tell_of_thread


def without_people(text: str) -> str:
    """The text with every address, number and token taken out."""
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text


class Text(logging.Formatter):
    """A line for people; below it, moved in, where an exception came from."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = f"{at:%Y-%m-%d %H:%M:%S} {record.name} {record.levelname} {_message(record)}"
        below = [*_places(record.exc_info), *_kinds(record.exc_info)]
        return "\n".join([line, *(f"  {one}" for one in below)])


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        told: dict[str, object] = {"at": at.isoformat(), "level": record.levelname, "logger": record.name}
        told["message"] = _message(record)
        if record.exc_info:
            told["error"] = _kinds(record.exc_info)
            told["places"] = _places(record.exc_info)
        return msgspec.json.encode(told).decode()


class _Handler(logging.StreamHandler[TextIO]):
    """Of what cannot be written it says so, and not what: the library would print it as it is."""

    def handleError(self, record: logging.LogRecord) -> None:
        self.stream.write(f"A line of {_in_one_line(record.name)} could not be written.\n")


def _message(record: logging.LogRecord) -> str:
    # An exception given as an argument is as talkative as one that is logged.
    given = record.args if isinstance(record.args, tuple) else ()
    if isinstance(record.msg, BaseException) or any(isinstance(one, BaseException) for one in given):
        safe = tuple(_kind(one) if isinstance(one, BaseException) else one for one in given)
        text = _kind(record.msg) if isinstance(record.msg, BaseException) else str(record.msg) % safe
        return _shown(text)
    text = record.getMessage()
    # What libraries write of an exception is made before it comes here; its first line names no rows.
    return _shown(text if record.name.startswith("automations") else text.partition("\n")[0])


def _shown(text: str) -> str:
    return _in_one_line(without_people(text[:_LONGEST]))


def _in_one_line(text: str) -> str:
    """With everything spelled out that ends a line, moves a cursor or turns the direction of reading."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


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
    said = _said(error, original)
    return _in_one_line(f"{told}: {said}" if said else told)


def _said(error: BaseException, original: object) -> str:
    if isinstance(error, _SPEAKING):
        return without_people(str(original or error).strip().partition("\n")[0][:_LONGEST])
    # Only what the system calls such an error: its own words may quote an address or a letter.
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if isinstance(number, int) and number > 0 else ""


def _places(info: object) -> list[str]:
    trace = info[2] if isinstance(info, tuple) else None
    found = traceback.extract_tb(trace)
    return [_in_one_line(f"{place.filename}:{place.lineno} {place.name}") for place in found]


def _tell_of_thread(broken: threading.ExceptHookArgs) -> None:
    if broken.exc_value is not None:
        info = (broken.exc_type, broken.exc_value, broken.exc_traceback)
        logging.getLogger("automations.threads").error("A thread ended.", exc_info=info)
