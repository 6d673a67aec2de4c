"""Settings, Attachments: uploaded, replaced, removed, attached, sent and downloaded again."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import fast_mail_parser
import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from automations.features.authoring import drafts
from automations.models.db.base import db, write
from automations.models.settings import attached_files
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import Audit
from automations.models.tables.run import Message, Run
from automations.models.tables.store import Store
from automations.models.tables.store_file import StoreFile
from tests.kit import shop
from tests.kit.doing import add_connection, perform_all
from tests.kit.outside.smtp_sink import SmtpSink
from tests.web.pages import text_of

PDF = b"%PDF-1.4 care of flowers"


def upload(client: FlaskClient, name: str = "Care.pdf", content: bytes = PDF) -> Any:
    data = {"file": (io.BytesIO(content), name)}
    return client.post("/settings/email-files", data=data, content_type="multipart/form-data")


def file_id(name: str = "Care.pdf") -> int:
    db.session.rollback()
    file = attached_files.named(db.session(), 1, name)
    assert file
    return file.id


def attaching(**settings: str) -> dict[str, Any]:
    email = shop.email_to()
    email["settings"] |= settings
    return email


def test_a_file_is_uploaded_replaced_downloaded_and_removed(as_rosa: FlaskClient) -> None:
    assert upload(as_rosa).status_code == 303
    first = file_id()
    page = text_of(as_rosa.get("/settings/email-files"))
    assert "“Care.pdf” is added." in page and "Care.pdf 1 kB" in page
    upload(as_rosa, content=PDF + b"2")
    assert file_id() != first and db.session.get_one(StoreFile, first).purpose == "removed"
    got = as_rosa.get(f"/settings/email-files/{file_id()}")
    assert (got.data, got.mimetype) == (PDF + b"2", "application/pdf")
    assert got.headers["Content-Disposition"] == "attachment; filename=Care.pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    as_rosa.post(f"/settings/email-files/{file_id()}/removals")
    assert "No files yet" in text_of(as_rosa.get("/settings/email-files"))
    noted = db.session.query(Audit).filter(Audit.about == "file “Care.pdf”").order_by(Audit.id)
    assert [row.action for row in noted] == ["added", "replaced", "removed"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.html", b"<p>", "cannot be attached"),
        ("a.pdf", b"<p>", "is not a real PDF file"),
        ("", b"", "Choose a file."),
    ],
)
def test_what_is_no_file_is_refused_with_a_sentence(
    as_rosa: FlaskClient, name: str, content: bytes, said: str
) -> None:
    answer = upload(as_rosa, name, content)
    assert answer.status_code == 422 and said in text_of(answer)
    assert db.session.query(StoreFile).count() == 0


def test_only_so_many_files_are_kept(as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached_files, "MOST", 1)
    upload(as_rosa)
    answer = upload(as_rosa, "Terms.pdf")
    assert answer.status_code == 422 and "There are 1 files, which is the limit." in text_of(answer)
    assert upload(as_rosa).status_code == 303


def test_a_file_of_another_store_is_not_found(as_rosa: FlaskClient, as_mallory: FlaskClient) -> None:
    upload(as_rosa)
    assert as_mallory.get(f"/settings/email-files/{file_id()}").status_code == 404
    assert as_mallory.post(f"/settings/email-files/{file_id()}/removals").status_code == 404
    assert file_id()


def test_it_leaves_through_a_real_mail_server_and_the_mailbox_offers_it(
    as_rosa: FlaskClient, bloom: Store
) -> None:
    upload(as_rosa)
    shop.publish_automation("Thanks", "created", actions=[attaching(file_1="Care.pdf", order_pdf="pdf")])
    anna = shop.place_customer("C-1")
    shop.place_order("10482", customer_id=anna.id, total=Decimal("86.50"))
    with SmtpSink() as sink:
        add_connection("smtp", {"host": "127.0.0.1", "port": sink.port, "security": "none"})
        perform_all()
    read = fast_mail_parser.parse_email(sink.emails[0].as_bytes())
    order, care = read.attachments
    assert (care.filename, care.content, order.filename) == ("Care.pdf", PDF, "Order 10482.pdf")
    assert "£86.50" in PdfReader(io.BytesIO(order.content)).pages[0].extract_text()
    message = db.session.query(Message).one()
    page = as_rosa.get(f"/mailbox/{message.id}")
    assert "Attached Order 10482.pdf Care.pdf, 1 kB" in text_of(page)
    got = as_rosa.get(f"/mailbox/{message.id}/attachments/0")
    assert got.data == order.content and got.headers["Content-Disposition"].startswith("attachment")
    assert as_rosa.get(f"/mailbox/{message.id}/attachments/1").data == PDF
    assert as_rosa.get(f"/mailbox/{message.id}/attachments/2").status_code == 404
    assert "with Order 10482.pdf and Care.pdf (1 kB)" in text_of(as_rosa.get("/orders/10482"))


def test_a_file_in_use_stays_and_one_that_is_gone_is_said_before_and_fails_after(
    as_rosa: FlaskClient, bloom: Store
) -> None:
    upload(as_rosa)
    id = shop.publish_automation("Thanks", "created", actions=[attaching(file_1="Care.pdf")])
    answer = as_rosa.post(f"/settings/email-files/{file_id()}/removals")
    assert answer.status_code == 422
    assert "“Care.pdf” is attached by “Thanks”. Take it out there first" in text_of(answer)
    with write() as session:
        session.query(StoreFile).update({"purpose": "removed"})
    words, missing = StoreWords(db.session(), bloom), attaching(file_1="Care.pdf")
    data = {**drafts.blank(), "trigger": {"key": "created"}, "actions": [missing]}
    sentence = "There is no file “Care.pdf”. Upload it under Settings, Attachments, or choose another."
    assert sentence in [problem.sentence for problem in drafts.problems(words, data)]
    assert sentence in text_of(as_rosa.get(f"/automations/{id}"))
    shop.place_order("1", customer_id=shop.place_customer("C-1").id)
    perform_all()
    run = db.session.query(Run).one()
    assert run.state == "failed" and "“Care.pdf” is not there any more" in (run.reason or "")
    assert db.session.query(Message).count() == 0
    upload(as_rosa)
    as_rosa.post(f"/runs/{run.id}/retries")
    perform_all(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))
    db.session.expire_all()
    assert db.session.query(Message).one().layout["attachments"][0]["name"] == "Care.pdf"


def test_the_trial_says_what_is_attached_and_my_copy_brings_it(as_rosa: FlaskClient, bloom: Store) -> None:
    upload(as_rosa)
    id = shop.draft_automation("Thanks", "created", actions=[attaching(file_1="Care.pdf", order_pdf="pdf")])
    assert ".pdf and Care.pdf (1 kB)." in text_of(as_rosa.get(f"/automations/{id}"))
