"""Whatever a stranger sends, a log record is one line, without terminal commands and personal data."""

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

from automations.web.setup import logs
from tests.kit.hostile.hostile_lines import EMAIL, NAME, TOKEN, VALUES, records
from tests.web.api.conftest import till_of
from tests.web.kit.test_permissions import routes
from tests.web.pages import sign_in

KINDS = {"text": logs.TextFormatter, "json": logs.JsonFormatter}
HEADERS = (
    *("HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_X_FORWARDED_FOR", "HTTP_WEBHOOK_ID"),
    *("HTTP_IDEMPOTENCY_KEY", "HTTP_HX_CURRENT_URL", "HTTP_X_HMAC_SIGNATURE", "REMOTE_ADDR"),
)
DRIVER = sa.exc.OperationalError
#: Each installs its own handler when it starts in this process.
LIBRARIES = ("dbos", "waitress")


class Log(logging.Handler):
    """Formats each record in both formats and counts the records."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.written = dict.fromkeys(KINDS, "")

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        for kind, formatter in KINDS.items():
            self.written[kind] += formatter().format(record) + "\n"

    def check(self) -> None:
        """Assert that both formats hold one line per record and nothing else."""
        assert {kind: records(text, kind) for kind, text in self.written.items()} == dict.fromkeys(
            KINDS, self.count
        )


@contextmanager
def heard() -> Iterator[Log]:
    """Capture what is logged, without pytest's handlers: they cannot handle lone surrogates."""
    log, loggers = Log(), [logging.getLogger(name) for name in ("", *LIBRARIES)]
    before = [(logger, logger.handlers, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [], True
    loggers[0].handlers = [log]
    try:
        yield log
    finally:
        for logger, handlers, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate


def headers(value: str) -> dict[str, str]:
    """Return every header with the value, as a server passes it on."""
    return dict.fromkeys(HEADERS, value.encode("utf-8", "surrogatepass").decode("latin-1"))


def form(value: str) -> dict[str, Any]:
    """Return the arguments that post the value, unchanged, as a form."""
    fields = urlencode(dict.fromkeys(("email", "password", "number"), value), errors="surrogatepass")
    return {"data": fields, "content_type": "application/x-www-form-urlencoded"}


def _failed(error: Exception, *words: object) -> None:
    try:
        raise error
    except Exception:
        logging.getLogger("automations.test").exception(*words)


#: Name -> how a value gets into the log.
WAYS: dict[str, Callable[[str], None]] = {
    "the message": lambda text: logging.getLogger("automations.test").error(text),
    "its argument": lambda text: logging.getLogger("automations.test").error("Of %s.", text),
    "a library's message": lambda text: logging.getLogger("dbos").error("Workflow %s", text),
    "a URL that failed": lambda text: logging.getLogger("waitress").error(f"Exception while serving {text}"),
    "an error as an argument": lambda text: logging.getLogger("dbos").warning(
        "Stopped: %s", OSError(5, text)
    ),
    "an error's message": lambda text: _failed(ValueError(text), "It broke."),
    "a database error's message": lambda text: _failed(DRIVER("SELECT 1", {}, Exception(text)), "It broke."),
    "a system error's message": lambda text: _failed(FileNotFoundError(2, text, text), "It broke."),
    "an error with a cause": lambda text: _failed(RuntimeError(text), "It broke: %s", text),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_value_breaks_out_of_its_log_line(way: str) -> None:
    with heard() as log:
        for value in VALUES:
            WAYS[way](value)
    assert log.count == len(VALUES) >= 50
    log.check()


def test_the_log_does_not_quote_an_unreachable_url() -> None:
    url = f"/send?to={quote(NAME)}&key={TOKEN}"
    with heard() as log:
        _failed(requests.ConnectionError(f"Max retries exceeded with url: {url}"), "It broke.")
        words = "Failed to parse headers (url=https://a.example%s)"
        logging.getLogger("urllib3.connectionpool").warning(words, url)
    assert log.count == 2
    log.check()


def test_the_log_holds_no_value_of_a_failing_request(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address fails with an error that quotes everything the request held."""
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


@pytest.mark.slow
def test_answered_requests_log_nothing(app: Flask) -> None:
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


def test_a_record_that_cannot_be_formatted_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
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
    written = stderr.getvalue()
    assert "could not be written" in written and "builtins.ValueError" in written
    assert NAME not in written and EMAIL not in written


def _in_a_thread() -> None:
    raise ValueError(f"{NAME} {EMAIL}")


@pytest.mark.parametrize("protection", ["_in_one_line", "without_people"])
def test_a_log_without_its_protection_would_be_detected(
    protection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, protection, lambda text: text)
    with heard() as log:
        WAYS["its argument"](VALUES[0])
    with pytest.raises(AssertionError):
        log.check()
