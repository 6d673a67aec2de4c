"""Logging as lines of text or JSON that hold no personal data.

The message of an exception may quote a row, and a row may hold a customer. So the log records only the
exception's type, its place and the database's error code; everything else goes through `without_people`.
A record may also hold what a stranger sent, so each record is one line and control characters are escaped.
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

#: Email addresses, phone numbers, URLs and tokens can be recognised; names cannot.
_PERSONAL = (
    # The path of a URL and the query of a path may hold anything.
    (re.compile(r"\b(https?://[^\s/?#'\"]+)[/?#]\S*"), r"\1/[address]"),
    (re.compile(r"\?\S+"), "?[query]"),
    (re.compile(r"[\w.+%'-]+(@|%40)[\w-]+(\.[\w-]+)*"), "[email]"),
    (re.compile(r"\b(sa_live_|whsec_|Bearer\s+)\S+"), "[token]"),
    (re.compile(r"(?<![\w.:/-])(?!\d{4}-\d\d-\d\d)\+?\d[\d ()/-]{7,}\d(?![\w:])"), "[number]"),
    # Long random text: cookies, keys, links that need no sign-in. A workflow's id has another form.
    (
        re.compile(r"(?<![\w-])(?![0-9a-f]{8}-[0-9a-f]{4}-)(?=[\w.-]*\d)(?=[\w.-]*[A-Z])[\w.-]{28,}"),
        "[token]",
    ),
)
#: Its message is about connections, locks and disks, never about a row.
_SAFE_TO_QUOTE = sa.exc.OperationalError
#: Characters of a message. The search for personal data takes quadratic time.
_LONGEST = 2000
#: Libraries that install handlers of their own, which would bypass ours.
_OWN_HANDLERS = ("dbos", "waitress", "werkzeug")
Error = tuple[type[BaseException], BaseException, TracebackType | None]


def set_up(kind: str, level: str = "WARNING") -> None:
    """Log to standard error as `kind`, "text" or "json"."""
    handler = _Handler(sys.stderr)
    handler.setFormatter(JsonFormatter() if kind == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _OWN_HANDLERS:
        library = logging.getLogger(name)
        library.handlers[:], library.propagate = [], True
    threading.excepthook = _log_thread_failure


def without_people(text: str) -> str:
    """Return `text` with every address, number and token replaced by a placeholder."""
    for pattern, placeholder in _PERSONAL:
        text = pattern.sub(placeholder, text)
    return text


class TextFormatter(logging.Formatter):
    """One line for people; below it, indented, where an exception came from."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = f"{at:%Y-%m-%d %H:%M:%S} {record.name} {record.levelname} {_message(record)}"
        below = [*_places(record.exc_info), *_kinds(record.exc_info)]
        return "\n".join([line, *(f"  {detail}" for detail in below)])


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        entry: dict[str, object] = {"at": at.isoformat(), "level": record.levelname, "logger": record.name}
        entry["message"] = _message(record)
        if record.exc_info:
            entry["error"] = _kinds(record.exc_info)
            entry["places"] = _places(record.exc_info)
        return msgspec.json.encode(entry).decode()


class _Handler(logging.StreamHandler[TextIO]):
    """For a record that cannot be formatted, writes only its logger's name: the library would print all."""

    def handleError(self, record: logging.LogRecord) -> None:
        self.stream.write(f"A line of {_in_one_line(record.name)} could not be written.\n")


def _message(record: logging.LogRecord) -> str:
    # An exception passed as an argument may quote as much as one that is logged.
    args = record.args if isinstance(record.args, tuple) else ()
    if isinstance(record.msg, BaseException) or any(isinstance(arg, BaseException) for arg in args):
        safe = tuple(_kind(arg) if isinstance(arg, BaseException) else arg for arg in args)
        text = _kind(record.msg) if isinstance(record.msg, BaseException) else str(record.msg) % safe
        return _shown(text)
    text = record.getMessage()
    # Libraries format an exception before it gets here; only its first line is free of rows.
    return _shown(text if record.name.startswith("automations") else text.partition("\n")[0])


def _shown(text: str) -> str:
    return _in_one_line(without_people(text[:_LONGEST]))


def _in_one_line(text: str) -> str:
    """Return `text` with line breaks, terminal commands and bidirectional controls escaped."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _kinds(info: object) -> list[str]:
    """Return the exception and its causes, at most ten, each by its type."""
    error: BaseException | None = info[1] if isinstance(info, tuple) else None
    kinds: list[str] = []
    while error is not None and len(kinds) < 10:
        kinds.append(_kind(error))
        error = error.__cause__ or error.__context__
    return kinds


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    kind = f"{name} ({code})" if code else name
    detail = _safe_detail(error, original)
    return _in_one_line(f"{kind}: {detail}" if detail else kind)


def _safe_detail(error: BaseException, original: object) -> str:
    if isinstance(error, _SAFE_TO_QUOTE):
        return without_people(str(original or error).strip().partition("\n")[0][:_LONGEST])
    # Only the system's name for the error: its message may quote an address or a file name.
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if isinstance(number, int) and number > 0 else ""


def _places(info: object) -> list[str]:
    trace = info[2] if isinstance(info, tuple) else None
    frames = traceback.extract_tb(trace)
    return [_in_one_line(f"{frame.filename}:{frame.lineno} {frame.name}") for frame in frames]


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        info = (failure.exc_type, failure.exc_value, failure.exc_traceback)
        logging.getLogger("automations.threads").error("A thread ended.", exc_info=info)
