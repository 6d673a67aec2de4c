"""Files as large as they may be, over a real connection, and one that breaks off on the way."""

from __future__ import annotations

import io
import socket

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.csv_import import CsvImport, CsvPiece
from automations.models.tables.order import Order
from automations.web.setup.request_limits import LARGEST_UPLOAD
from tests.features.csv_import.uploads import work
from tests.kit.served import served
from tests.web.imports.test_import_pages import press
from tests.web.pages import text_of

pytestmark = pytest.mark.slow

NEWLINE = b"\r\n"
EDGE = b"orders-of-the-autumn"
MEGABYTE = 1024 * 1024


class Upload:
    """The upload of a file, piece by piece."""

    def __init__(self, client: FlaskClient, port: int, length: int) -> None:
        cookie = client.get_cookie("sign_in")
        assert cookie
        self.before = NEWLINE.join([
            b"--" + EDGE,
            b'Content-Disposition: form-data; name="subject"', b"", b"order",
            b"--" + EDGE,
            b'Content-Disposition: form-data; name="file"; filename="orders.csv"',
            b"Content-Type: text/csv", b"", b"",
        ])  # fmt: skip
        self.after = NEWLINE + b"--" + EDGE + b"--" + NEWLINE
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=120)
        size = len(self.before) + length + len(self.after)
        head = (
            f"POST /imports HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sign_in={cookie.value}\r\n"
            f"Content-Type: multipart/form-data; boundary={EDGE.decode()}\r\nContent-Length: {size}\r\n\r\n"
        )
        self.connection.sendall(head.encode() + self.before)

    def answer(self) -> tuple[int, str]:
        """Return the status and the head of the answer."""
        received = b""
        while b"\r\n\r\n" not in received and (piece := self.connection.recv(65_536)):
            received += piece
        return int(received.split()[1]), received.decode("latin-1")


def a_row(number: int) -> bytes:
    """Return a line of about 80 KB: one order with a long note."""
    return b"L-%d,12.50,%s\r\n" % (number, b"petals " * 11_700)


def test_a_file_of_eighty_megabytes_is_taken_and_none_of_it_is_lost(app: Flask, as_rosa: FlaskClient) -> None:
    headings, count = b"Number,Total,Note\r\n", 1_000
    length = len(headings) + sum(len(a_row(number)) for number in range(count))
    assert 75 * MEGABYTE < length <= 80 * MEGABYTE
    with served(app) as port:
        upload = Upload(as_rosa, port, length)
        upload.connection.sendall(headings)
        for number in range(count):
            upload.connection.sendall(a_row(number))
        upload.connection.sendall(upload.after)
        status, head = upload.answer()
        upload.connection.close()
    assert status == 303, head
    db.session.rollback()
    (one,) = db.session.query(CsvImport)
    assert (one.total, one.size) == (count, length)
    kept = sum(len(piece.content) for piece in db.session.query(CsvPiece))
    assert 0 < kept < length, "it is kept whole, compressed"


def test_a_file_that_breaks_off_on_the_way_leaves_nothing_and_can_be_sent_again(
    app: Flask, as_rosa: FlaskClient
) -> None:
    content = b"Number,Total\r\n" + b"".join(b"B-%d,1.00\r\n" % number for number in range(2_000))
    with served(app) as port:
        broken = Upload(as_rosa, port, 40 * MEGABYTE)
        for _ in range(20):
            broken.connection.sendall(b"half,1.00\r\n" * 95_000)
        broken.connection.close()
        again = Upload(as_rosa, port, len(content))
        again.connection.sendall(content + again.after)
        status, head = again.answer()
        again.connection.close()
    assert status == 303, head
    db.session.rollback()
    (one,) = db.session.query(CsvImport)
    assert one.total == 2_000
    page = f"/imports/{one.id}"
    press(as_rosa, page, "/checks")
    work()
    press(as_rosa, page, "/start")
    work()
    assert db.session.query(Order).filter(Order.number.like("B-%")).count() == 2_000


def test_a_larger_one_is_refused_before_it_is_sent(app: Flask, as_rosa: FlaskClient) -> None:
    with served(app) as port:
        upload = Upload(as_rosa, port, LARGEST_UPLOAD + 1)
        status, head = upload.answer()
        upload.connection.close()
    assert status == 413, head
    assert db.session.query(CsvImport).count() == 0


def test_a_larger_one_is_refused_in_words(as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automations.web.request.security.LARGEST_UPLOAD", MEGABYTE)
    files = {"subject": "order", "file": (io.BytesIO(b"x" * MEGABYTE * 2), "orders.csv")}
    answer = as_rosa.post("/imports", data=files, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "A request may have at most 1 MB." in text_of(answer)
