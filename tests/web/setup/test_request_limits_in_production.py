"""Requests that no browser makes, to the production server as a process (docs/operations.md), and its log."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.order import Order
from tests.kit.fire.programs import ROOT, Program, free_port
from tests.kit.hostile.hostile_lines import VALUES, records
from tests.kit.hostile.raw_requests import (
    FIRST,
    HOST,
    HOSTS,
    LINES,
    PLAIN,
    count_answers,
    is_failure,
    send_bytes,
    smuggled,
)
from tests.kit.set_up import api_key

pytestmark = pytest.mark.slow

STARTED = re.compile(r"^ExecStart=\S+/flask (.+ web)$", re.MULTILINE)
#: What it says on its own.
READY = re.compile(r"^Pages and the API are at .+\n", re.MULTILINE)
#: A missing table is a 500 on Postgres and counts as a database that cannot be used on SQLite.
FAILED = (b"HTTP/1.1 500", b"HTTP/1.1 503")
LOGGED = ("Failed: POST /hooks/records/<token>", "The database cannot be used.")
#: A NUL is refused before anything can fail.
VALUES_THAT_FAIL = [value for value in VALUES if "\x00" not in value]


@contextmanager
def production(app: Flask, folder: Path, log_format: str) -> Iterator[Program]:
    """Run the web server with the options of docs/operations.md, on the database of `app`."""
    db.session.rollback()
    options = STARTED.search((ROOT / "docs/operations.md").read_text())
    assert options
    port = free_port()
    program = Program(
        ["-m", "flask", *shlex.split(options[1])],
        {
            "PORT": str(port),
            "DATABASE_URL": app.config["DATABASE_URL"],
            "SECRET_KEY": app.config["SECRET_KEY"],
            "DATA_FOLDER": str(folder),
            "PRODUCTION": "1",
            "TRUSTED_HOSTS": "127.0.0.1",
            "PROXIES": "1",
            "LOG_FORMAT": log_format,
        },
        folder / "web.log",
        port,
    )
    program.start()
    try:
        program.wait_until_ready()
        yield program
    finally:
        program.kill()


def an_order(number: str, key: str) -> bytes:
    """Return the request by which a till creates an order."""
    body = b'{"number": "%s"}' % number.encode()
    head = b"POST /api/orders HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    head += b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n" % (key.encode(), len(body))
    return head + body


def numbers() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(sa.select(Order.number)))


@contextmanager
def without_hooks() -> Iterator[None]:
    """Make every query for a webhook fail."""
    _rename("inbound_hook", "not_there")
    try:
        yield
    finally:
        _rename("not_there", "inbound_hook")


def _rename(before: str, after: str) -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")


def fail(port: int) -> None:
    """Cause server errors with whatever a stranger may send in the address and the headers."""
    for value in VALUES_THAT_FAIL:
        path = quote(value, errors="surrogatepass").encode()
        head = b"POST /hooks/records/" + path + b"?q=" + path + b" HTTP/1.1\r\n" + HOST
        head += b"User-Agent: " + path + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        assert send_bytes(port, head).startswith(FAILED)
        assert not is_failure(
            send_bytes(port, b"GET / " + value.encode("utf-8", "surrogatepass") + b"\r\n\r\n")
        )


def test_the_production_server_misreads_no_request(app: Flask, tmp_path: Path) -> None:
    key, log_format = api_key("till"), {"sqlite": "text", "postgresql": "json"}[db.engine.dialect.name]
    with production(app, tmp_path, log_format) as web:
        assert web.port
        for first in (FIRST, an_order("", key).partition(b"Content-Length")[0]):
            for name, sent in smuggled(an_order("smuggled", key), first).items():
                answer = send_bytes(web.port, sent)
                assert count_answers(answer) <= 1 and not is_failure(answer), (name, answer)
        assert numbers() == set()
        assert count_answers(send_bytes(web.port, an_order("honest", key))) == 1
        assert numbers() == {"honest"}, "an honest order arrives"
        for line in LINES:
            answer = send_bytes(web.port, line + b"\r\n" + HOST + b"Connection: close\r\n\r\n")
            assert b"evil.example" not in answer.partition(b"\r\n\r\n")[0], line
            assert count_answers(answer) <= 1 and not is_failure(answer), (line, answer)
        for host in HOSTS:
            answer = send_bytes(web.port, PLAIN.replace(HOST, b"Host: " + host + b"\r\n") + b"\r\n")
            assert answer.startswith(b"HTTP/1.1 400") and b"evil.example" not in answer, (host, answer)
        with without_hooks():
            fail(web.port)
        web.stop()
    written = READY.sub("", web.log.read_text())
    assert records(written, log_format) == len(VALUES_THAT_FAIL)
    assert sum(written.count(message) for message in LOGGED) == len(VALUES_THAT_FAIL)
