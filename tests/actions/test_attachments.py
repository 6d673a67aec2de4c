"""What an email brings along: files of the store's by name, and the order as a PDF."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from pypdf import PdfReader

from automations.actions.send_email import SendEmail
from automations.actions.shared import attachments, message_languages
from automations.actions.shared.action_kind import Prepared, Situation
from automations.actions.shared.outgoing_email import outgoing
from automations.connectors.connector_set import NoFiles
from automations.connectors.file_types import LARGEST, UnusableFile, file_name, type_of
from automations.connectors.receipts import Refused
from automations.connectors.stored_file import NamedFile, StoredFile
from automations.engine.fields.subjects import SUBJECTS
from tests.actions.situations import SETTINGS, situation, with_customer
from tests.kit.hostile.any_json import VALUES

EMAIL = SendEmail()
CARE = StoredFile("Care.pdf", "application/pdf", b"%PDF-1.4 care")
LINES = [{"name": "Róża <b>& Łódź Ωμέγα Жанна", "quantity": "2", "unit_price": "30.00"}] * 60


class Shelf(NoFiles):
    """A store with one file, under another id since the message was prepared."""

    def read(self, id: int) -> StoredFile | None:
        return CARE if id == 7 else None

    def named(self, name: str) -> StoredFile | None:
        return CARE if name == CARE.name else None


def found(name: str) -> NamedFile | None:
    return NamedFile(7, CARE.name, CARE.type, 13) if name == CARE.name else None


def prepared(moment: Situation | None = None, **settings: Any) -> Prepared:
    moment = moment or replace(situation(lines=LINES), find_file=found)
    (message,) = EMAIL.prepare({**SETTINGS, **settings}, moment)
    return message


def words(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u00a0", " ")


def test_a_file_and_the_order_leave_with_the_email() -> None:
    message = prepared(order_pdf="pdf", file_1="Care.pdf")
    order, care = outgoing(message, Shelf(), "key").attachments
    assert (care, order.name, order.type) == (CARE, "Order 1042.pdf", "application/pdf")
    said = words(order.content)
    assert "Order 1042" in said and "Bloom & Wild St" in said and "£86.50" in said
    assert said.count("2 × Róża <b>& Łódź Ωμέγα Жанна") == 60
    assert len(PdfReader(io.BytesIO(order.content)).pages) > 1
    assert attachments.names(message.around) == "Order 1042.pdf and Care.pdf (1 kB)"


def test_a_second_try_has_the_same_bytes_even_from_what_was_stored() -> None:
    message = prepared(order_pdf="pdf", file_1="Care.pdf")
    stored = Prepared.from_data(json.loads(json.dumps(message.to_data())))
    first, second = (outgoing(one, Shelf(), "key").attachments for one in (message, stored))
    assert first == second


def test_the_order_is_written_in_the_language_of_the_message() -> None:
    moment = replace(with_customer(language="de"), find_file=found)
    texts = {"de": {"subject": "Hallo", "message": "Hallo"}}
    settings = {**SETTINGS, "order_pdf": "pdf", "languages": texts}
    (message,) = message_languages.prepare(EMAIL, settings, moment)
    (order,) = outgoing(message, Shelf(), "key").attachments
    assert order.name == "Bestellung 1042.pdf" and "86,50 £" in words(order.content)


def test_nothing_leaves_without_a_file_that_is_gone_until_there_is_one_again() -> None:
    message = prepared(replace(situation(), find_file=lambda name: None), file_1="Care.pdf", file_2="No.pdf")
    with pytest.raises(Refused, match=r"files “Care\.pdf” and “No\.pdf” are not there any more"):
        outgoing(message, NoFiles(), "key")
    with pytest.raises(Refused, match=r"file “No\.pdf” is not there any more"):
        outgoing(message, Shelf(), "key")
    alone = prepared(replace(situation(), find_file=lambda name: None), file_1="Care.pdf")
    assert outgoing(alone, Shelf(), "key").attachments == [CARE]
    erased = {**message.extra, "attachments": [{"name": "x", "type": "y", "file": 8}]}
    with pytest.raises(Refused):
        outgoing(replace(message, extra=erased), Shelf(), "key")


def test_too_much_for_one_email_is_refused() -> None:
    class Heavy(Shelf):
        def read(self, id: int) -> StoredFile | None:
            return StoredFile("Care.pdf", "application/pdf", b"x" * (attachments.LARGEST_ALL + 1))

    with pytest.raises(Refused, match="over 10 MB"):
        outgoing(prepared(file_1="Care.pdf"), Heavy(), "key")


class Sizes:
    """A store without lists that has two files."""

    def key_for(self, list_key: str, word: str) -> str | None:
        return None

    def choice(self, list_key: str, key: str) -> str:
        return key

    def choices(self, list_key: str) -> list[str]:
        return []

    labels = choices

    def files(self) -> dict[str, int]:
        return {"Care.pdf": 4_000_000, "Terms.pdf": 7_000_000}


def said(subject: str = "order", **settings: Any) -> dict[str, str]:
    chosen = {**SETTINGS, **settings}
    problems = [*attachments.problems(chosen, SUBJECTS[subject])]
    problems += attachments.problems_in_store(chosen, Sizes())
    return {problem.path.removeprefix("settings."): problem.sentence for problem in problems}


def test_what_cannot_be_attached_is_said_before() -> None:
    assert said(order_pdf="pdf", file_1="Care.pdf") == {}
    assert said("event", order_pdf="pdf")["order_pdf"].endswith("this email is about an event.")
    assert "There is no file “Gone.pdf”." in said(file_2="Gone.pdf")["file_2"]
    assert "attached already" in said(file_1="Care.pdf", file_3="Care.pdf")["file_3"]
    assert "11.0 MB together" in said(file_1="Care.pdf", file_2="Terms.pdf")["file_2"]


@given(value=VALUES)
def test_any_json_is_a_problem_or_no_attachment(value: Any) -> None:
    assert {*said(order_pdf=value, file_1=value)} <= {"order_pdf", "file_1"}
    attachments.entries({"attachments": value})
    attachments.names({"attachments": [value]})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"", "The file is empty"),
        ("a.pdf", b"%PDF-" + b"x" * LARGEST, "the limit is 5 MB"),
        ("a.exe", b"MZ", "cannot be attached to an email"),
        ("pdf", b"%PDF-", "cannot be attached to an email"),
        ("a.pdf", b"<html>", "is not a real PDF file"),
        ("a.txt", b"\xff\xfe", "is not a real TXT file"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_reason(name: str, content: bytes, said: str) -> None:
    with pytest.raises(UnusableFile, match=said):
        type_of(name, content)


def test_names_of_files_lose_folders_and_what_no_header_takes() -> None:
    assert file_name("C:\\Users\\me\\Care \r\nBcc: x.PDF") == "Care Bcc x.PDF"
    assert file_name("../../etc/passwd.txt") == "passwd.txt"
    assert len(file_name("ä" * 300 + ".pdf")) <= 100
