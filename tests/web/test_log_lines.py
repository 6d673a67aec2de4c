"""Whatever a stranger sends: a record of the log is one line, commands no terminal and names nobody."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

import pytest
import requests
import sqlalchemy as sa
from flask import Flask, request

from automations.web import logs
from tests.kit.hostile_lines import EMAIL, NAME, TOKEN, VALUES, records
from tests.web.api.conftest import till_of
from tests.web.pages import sign_in
from tests.web.test_permissions import routes

KINDS = {"text": logs.Text, "json": logs.Json}
HEADERS = (
    *("HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_X_FORWARDED_FOR", "HTTP_WEBHOOK_ID"),
    *("HTTP_IDEMPOTENCY_KEY", "HTTP_HX_CURRENT_URL", "HTTP_X_HMAC_SIGNATURE", "REMOTE_ADDR"),
)
DRIVER = sa.exc.OperationalError
#: Each has a handler of its own once it was started in this process.
LIBRARIES = ("dbos", "waitress", "gunicorn.error")


class Log(logging.Handler):
    """Writes what is logged as both formats do, and counts it."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.written = dict.fromkeys(KINDS, "")

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        for kind, formatter in KINDS.items():
            self.written[kind] += formatter().format(record) + "\n"

    def check(self) -> None:
        """Both hold a line for each record, and no other."""
        assert {kind: records(text, kind) for kind, text in self.written.items()} == dict.fromkeys(
            KINDS, self.count
        )


@contextmanager
def heard() -> Iterator[Log]:
    """What is logged meanwhile, and nobody else hears: pytest hands on no half characters."""
    log, everybody = Log(), [logging.getLogger(name) for name in ("", *LIBRARIES)]
    before = [(one, one.handlers, one.propagate) for one in everybody]
    for one in everybody:
        one.handlers, one.propagate = [], True
    everybody[0].handlers = [log]
    try:
        yield log
    finally:
        for one, handlers, propagate in before:
            one.handlers, one.propagate = handlers, propagate


def headers(value: str) -> dict[str, str]:
    """The value in every header, as a server hands it on."""
    return dict.fromkeys(HEADERS, value.encode("utf-8", "surrogatepass").decode("latin-1"))


def form(value: str) -> dict[str, Any]:
    """The value as a form brings it, letter by letter."""
    fields = urlencode(dict.fromkeys(("email", "password", "number"), value), errors="surrogatepass")
    return {"data": fields, "content_type": "application/x-www-form-urlencoded"}


def _failed(error: Exception, *words: object) -> None:
    try:
        raise error
    except Exception:
        logging.getLogger("automations.test").exception(*words)


ROADS: dict[str, Callable[[str], None]] = {
    "the message": lambda text: logging.getLogger("automations.test").error(text),
    "what it is filled with": lambda text: logging.getLogger("automations.test").error("Of %s.", text),
    "a library's message": lambda text: logging.getLogger("dbos").error("Workflow %s", text),
    "what a server could not read": lambda text: logging.getLogger("gunicorn.error").warning(
        f"Invalid request from ip=10.0.0.9: Invalid HTTP request line: {text}"
    ),
    "an address that failed": lambda text: logging.getLogger("waitress").error(
        f"Exception while serving {text}"
    ),
    "an error as argument": lambda text: logging.getLogger("dbos").warning("Stopped: %s", OSError(5, text)),
    "an error's words": lambda text: _failed(ValueError(text), "It broke."),
    "a database's words": lambda text: _failed(DRIVER("SELECT 1", {}, Exception(text)), "It broke."),
    "a system's words": lambda text: _failed(FileNotFoundError(2, text, text), "It broke."),
    "an error that came of it": lambda text: _failed(RuntimeError(text), "It broke: %s", text),
}


@pytest.mark.parametrize("road", ROADS)
def test_no_value_makes_a_line_of_its_own(road: str) -> None:
    with heard() as log:
        for value in VALUES:
            ROADS[road](value)
    assert log.count == len(VALUES) >= 50
    log.check()


def test_an_address_that_could_not_be_reached_is_not_quoted() -> None:
    url = f"/send?to={quote(NAME)}&key={TOKEN}"
    with heard() as log:
        _failed(requests.ConnectionError(f"Max retries exceeded with url: {url}"), "It broke.")
        words = "Failed to parse headers (url=https://a.example%s)"
        logging.getLogger("urllib3.connectionpool").warning(words, url)
    assert log.count == 2
    log.check()


def test_a_value_of_a_page_that_breaks_stays_out_of_the_log(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every address there is, broken, with all it was given in its error."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    values, asked = cycle(VALUES), 0

    def breaks(**parts: object) -> NoReturn:
        given = (request.path, parts, request.values, dict(request.headers), request.remote_addr)
        raise (ValueError(given) if asked % 2 else DRIVER(str(given), given, Exception(*VALUES)))

    client, secret = sign_in(app.test_client(), "ada"), till_of(app).secret
    for endpoint in app.view_functions:
        monkeypatch.setitem(app.view_functions, endpoint, breaks)
    with heard() as log:
        for endpoint, method, address in routes(app):
            value = next(values)
            sent = headers(value)
            if "/api/" in address:
                sent["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
            hostile = address.replace("nothing", quote(value, errors="surrogatepass"))
            answer = client.open(hostile, method=method, **form(value), environ_overrides=sent)
            asked += answer.status_code >= 500
            assert EMAIL not in str(answer.headers), endpoint
    assert asked > 150 and log.count >= asked
    log.check()


def test_nothing_is_logged_of_requests_that_are_answered(app: Flask) -> None:
    client, till = sign_in(app.test_client(), "ada"), till_of(app)
    with heard() as log:
        for value in VALUES:
            sent, part = headers(value), quote(value, errors="surrogatepass")
            for place in ("orders/", "hooks/records/", f"{part}?q=", "unsubscribe/"):
                answer = client.get(f"/{place}{part}", environ_overrides=sent)
                assert answer.status_code in (200, 400, 404, 405), place
            client.post("/sign-in", **form(value), environ_overrides=sent)
            till.post("/api/orders", {"number": value.encode("utf-8", "replace").decode(), "note": part})
    assert log.count == 0


def test_what_cannot_be_written_is_not_printed_either(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    root = logging.getLogger()
    before = root.handlers[:], root.level, threading.excepthook
    try:
        logs.set_up("text")
        logging.getLogger("automations.test").error("%d of them", f"{NAME} {EMAIL}\n")
        thread = threading.Thread(target=_in_a_thread)
        thread.start()
        thread.join()
    finally:
        root.handlers[:], root.level, threading.excepthook = before
    assert "could not be written" in told.getvalue() and "builtins.ValueError" in told.getvalue()
    assert NAME not in told.getvalue() and EMAIL not in told.getvalue()


def _in_a_thread() -> None:
    raise ValueError(f"{NAME} {EMAIL}")


@pytest.mark.parametrize("protection", ["_in_one_line", "without_people"])
def test_a_log_without_its_protection_would_be_noticed(
    protection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, protection, lambda text: text)
    with heard() as log:
        ROADS["what it is filled with"](VALUES[0])
    with pytest.raises(AssertionError):
        log.check()
