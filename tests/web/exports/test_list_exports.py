"""Every list as a CSV file: with the filters of its page, of this store only, noted in the audit log."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.people import Audit, User
from automations.models.tables.run import Message
from automations.models.tables.store import Store
from automations.models.tables.task import DONE, OPEN, Task
from automations.web.exports import csv_response
from tests.kit import shop
from tests.world import NOW

LINES = [
    {"sku": "R", "name": "Roses", "category": "Cut", "quantity": 12, "unit_price": "2.50"},
    {"sku": "", "name": "Card", "category": "", "quantity": 0.5, "unit_price": "1.00"},
]


def rows_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    text = client.get(address).text
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_an_order_has_a_row_for_each_line_and_its_amounts_once(as_ada: FlaskClient) -> None:
    shop.place_order("1001", lines=LINES, status="picked", note="=1+1", tags=["vip", "new"])
    first, second = rows_of(as_ada, "/orders.csv")
    assert (first["Number"], first["Status"], first["Total"]) == ("1001", "Picked", "30.50")
    assert (first["Item"], first["Item quantity"], first["Item price"]) == ("Roses", "12", "2.50")
    assert (first["Note"], first["Tags"]) == ("'=1+1", "vip, new")
    assert (second["Number"], second["Item"], second["Item quantity"]) == ("1001", "Card", "0.5")
    assert second["Total"] == second["Status"] == second["Note"] == ""


def test_a_file_has_what_the_page_shows_with_the_same_filters(as_ada: FlaskClient) -> None:
    shop.place_order("1001", status="picked")
    shop.place_order("1002", status="confirmed")
    shop.place_order("2001", "Thorn & Co", status="picked")
    page = as_ada.get("/orders?status=picked").text
    assert 'href="/orders.csv?status=picked"' in page
    assert [row["Number"] for row in rows_of(as_ada, "/orders.csv?status=picked")] == ["1001"]
    assert [row["Number"] for row in rows_of(as_ada, "/orders.csv")] == ["1002", "1001"]


def test_long_lists_are_read_piece_by_piece(as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_response, "AT_ONCE", 2)
    for number in range(5):
        shop.place_order(f"10{number}")
    numbers = [row["Number"] for row in rows_of(as_ada, "/orders.csv")]
    assert numbers == ["104", "103", "102", "101", "100"]


def test_customers_events_and_accounts_are_exported(as_ada: FlaskClient) -> None:
    customer = shop.place_customer("C-9", first_name="Zora", phone="+442079460124")
    shop.place_event("E-7", name="Gala", customer_id=customer.id, budget=None)
    (zora,) = rows_of(as_ada, "/customers.csv?q=Zora")
    assert (zora["Number"], zora["Phone"], zora["Marketing consent"]) == ("C-9", "'+442079460124", "no")
    (gala,) = rows_of(as_ada, "/events.csv")
    assert (gala["Name"], gala["Customer number"], gala["Budget"]) == ("Gala", "C-9", "")
    as_ada.post("/accounts", data={"name": "=Station Hotel"})
    assert rows_of(as_ada, "/accounts.csv?q=Station") == [{"Name": "'=Station Hotel"}]


def test_the_audit_log_says_who_exported_what(as_ada: FlaskClient) -> None:
    for address in ("/orders.csv", "/accounts.csv", "/tasks.csv", "/mailbox.csv", "/settings/audit.csv"):
        assert as_ada.get(address).status_code == 200
    exported = db.session.query(Audit).filter_by(action="exported").order_by(Audit.id).all()
    whole = ["the orders", "the accounts", "the tasks", "the mailbox", "the audit log"]
    assert [row.about for row in exported] == whole
    (who,) = {row["Who"] for row in rows_of(as_ada, "/settings/audit.csv?q=the orders")}
    assert who == "Ada Quill"


def test_tasks_are_exported_with_their_filters(as_ada: FlaskClient) -> None:
    assert 'href="/tasks.csv?state=done"' in as_ada.get("/tasks?state=done").text
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        for state in (OPEN, DONE):
            checklist = [{"text": "Ring", "done": True}, {"text": "Wrap", "done": False}]
            task = Task(store_id=store.id, title=f"Call {state}", created_at=NOW, due_at=NOW, state=state)
            task.checklist = checklist
            session.add(task)
    (done,) = rows_of(as_ada, "/tasks.csv?state=done")
    assert (done["Task"], done["State"], done["Checklist"]) == ("Call done", "Done", "[x] Ring; [ ] Wrap")
    assert done["Due"] == "2026-11-22 10:00+00:00"


def test_messages_are_exported_with_their_search_and_filters(as_ada: FlaskClient) -> None:
    page = as_ada.get("/mailbox?state=kept&q=rose&before=9").text
    assert 'href="/mailbox.csv?state=kept&amp;q=rose"' in page
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        other = session.query(Store).filter(Store.id != store.id).first()
        assert other
        messages = ((store, "mailbox", "Roses"), (store, "smtp", "Roses"), (other, "mailbox", "Rose"))
        for at, connector, about in messages:
            message = Message(store_id=at.id, channel="email", connector=connector, to="=iris@post.example")
            message.subject, message.body, message.to_name, message.at = about, "Hello\nIris", "Iris", NOW
            session.add(message)
    assert len(rows_of(as_ada, "/mailbox.csv")) == 2
    (kept,) = rows_of(as_ada, "/mailbox.csv?state=kept&q=rose")
    assert (kept["At"], kept["Channel"], kept["Outcome"]) == ("2026-11-22 10:00+00:00", "Email", "Kept here")
    assert (kept["To"], kept["Name"]) == ("'=iris@post.example", "Iris")
    assert (kept["Subject"], kept["Text"]) == ("Roses", "Hello\nIris")
    assert rows_of(as_ada, "/mailbox.csv?channel=sms") == []


def test_a_task_says_what_it_is_about_what_made_it_and_who_did_it(as_ada: FlaskClient) -> None:
    call = {"kind": "create_task", "settings": {"title": "Call", "assignee": "", "priority": "high"}}
    shop.publish_automation("Ask them", "created", actions=[call])
    order = shop.place_order("7")
    whom = {"subject": "order", "record_id": order.id, "created_at": NOW}
    with write() as session:
        whom["store_id"] = shop.runs()[0].store_id
        ada = session.query(User).filter_by(name="Ada Quill").one()
        made, own = (
            Task(title="Call", run_id=shop.runs()[0].id, priority="high", **whom),
            Task(title="Own", **whom),
        )
        own.state, own.done_at, own.done_by, own.subject, own.record_id = DONE, NOW, ada.id, None, None
        session.add_all([made, own])
    (row,) = rows_of(as_ada, "/tasks.csv")
    assert (row["About"], row["By the automation"], row["Priority"]) == ("Order 7", "Ask them", "High")
    (row,) = rows_of(as_ada, "/tasks.csv?state=done")
    assert (row["About"], row["By the automation"], row["Done by"]) == ("", "", "Ada Quill")
