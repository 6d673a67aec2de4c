"""The audit page, for admins only, with its filters by person, text and days."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from flask.testing import FlaskClient

from automations.models.access import audit
from automations.models.db.base import db, write
from automations.models.inbox import task_changes
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.models.tables.task import DONE, Task
from automations.web.log import audit_pages
from tests.kit import shop
from tests.web.automations.test_archive_pages import LATER
from tests.web.pages import text_of
from tests.world import NOW

PAGE = "/settings/audit"


@pytest.fixture(autouse=True)
def rows(as_ada: FlaskClient) -> None:
    """Add an entry by Rosa, one by the program three days later, and one of another store."""
    with write() as session:
        stores = {store.name: store.id for store in session.query(Store)}
        bloom, thorn = stores["Bloom & Wild St"], stores["Thorn & Co"]
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one().id
        audit.note(session, action="renamed", about="list 100%", store_id=bloom, user_id=rosa, at=NOW)
        later = NOW + dt.timedelta(days=3)
        audit.note(session, action="was told", about="parcel news", store_id=bloom, at=later)
        audit.note(session, action="renamed", about="of Thorn", store_id=thorn, at=NOW)


def shown(client: FlaskClient, **asked: object) -> set[str]:
    text = text_of(client.get(PAGE, query_string=asked))
    return {name for name in ("list 100%", "parcel news", "of Thorn") if name in text}


def test_the_page_shows_only_the_entries_of_its_store(as_ada: FlaskClient) -> None:
    assert shown(as_ada) == {"list 100%", "parcel news"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"q": "RENAMED"}, {"list 100%"}),
        ({"q": "0%"}, {"list 100%"}),
        ({"q": "_"}, set()),
        ({"who": "program"}, {"parcel news"}),
        ({"who": "999999999999999999999"}, set()),
        ({"who": "'; DROP TABLE audit"}, {"list 100%", "parcel news"}),
        ({"since": "2026-11-23"}, {"parcel news"}),
        ({"until": "2026-11-22"}, {"list 100%"}),
        ({"since": "2026-11-22", "until": "2026-11-22", "q": "list"}, {"list 100%"}),
        ({"since": "soon", "until": "9999-12-31"}, {"list 100%", "parcel news"}),
    ],
    # Each process prints a set in another order, but all of them must generate the same test ids.
    ids=lambda value: str(value) if isinstance(value, dict) else None,
)
def test_entries_are_filtered_by_text_person_and_days(
    as_ada: FlaskClient, asked: dict[str, str], expected: set[str]
) -> None:
    assert shown(as_ada, **asked) == expected


def test_entries_are_filtered_by_person(as_ada: FlaskClient) -> None:
    rosa = db.session.query(User.id).filter_by(email="rosa@bloom.example").scalar()
    assert shown(as_ada, who=rosa) == {"list 100%"}


def test_an_empty_result_says_what_to_do(as_ada: FlaskClient) -> None:
    assert "No entries match. Try fewer filters." in text_of(as_ada.get(PAGE, query_string={"q": "zzz"}))


def test_only_admins_can_read_the_audit(as_rosa: FlaskClient, as_finn: FlaskClient) -> None:
    assert [client.get(PAGE).status_code for client in (as_rosa, as_finn)] == [403, 403]


def test_numbers_are_shown_with_what_they_are_called_now(as_ada: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order(now=dt.datetime.now(dt.UTC))
    run_id = shop.runs()[0].id
    customer_id = shop.place_customer(first_name="Anna", last_name="Petrova").id
    as_ada.post(f"/automations/{automation_id}/upcoming/runs/{run_id}/skip")
    with write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        task = Task(store_id=store.id, title="Call Anna <b>", created_at=NOW)
        session.add(task)
        session.flush()
        task_changes.set_state(session, task.id, DONE, ada.id, NOW)
        about = f"automation “Thank you” for customer {customer_id}"
        audit.note(session, action="sent ahead", about=about, store_id=store.id, user_id=ada.id)
        whose = {"store_id": store.id, "user_id": ada.id}
        audit.note(session, action="tried again", about=f"run {run_id}", **whose)
        audit.note(session, action="tried now", about="run 999999", **whose)
        audit.note(session, action="changed", about="order 10482", **whose)
        audit.note(session, action="renamed", about="list “task 1”", **whose)
        task_id = task.id
    page = as_ada.get(PAGE)
    words = text_of(page)
    assert f"finished task {task_id} “Call Anna <b>”" in words and f'href="/tasks/{task_id}"' in page.text
    assert f"skipped run {run_id} of “Thank you” for Order 10482" in words
    assert f"tried run {run_id} of “Thank you” for Order 10482 again" in words
    assert f"“Thank you” for customer {customer_id} Anna Petrova ahead of its time" in words
    assert "tried run 999999 at once" in words and "renamed list “task 1”" in words
    assert "changed order 10482" in words and "changed order 10482 Order" not in words


def test_a_search_looks_at_a_bounded_number_of_entries_and_goes_on_below_them(
    as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pages, "LOOKED_AT", 1)
    first = as_ada.get(PAGE, query_string={"q": "renamed"})
    assert "and found nothing" in text_of(first) and "No entries match" not in first.text
    further = html.unescape(re.findall(r'href="([^"]+)">Search further back', first.text)[0])
    second = as_ada.get(further)
    assert "list 100%" in text_of(second) and "and found nothing" not in text_of(second)
    assert shown(as_ada) == {"list 100%", "parcel news"}
    assert as_ada.get("/settings/audit.csv?q=renamed").text.count("list 100%") == 1


def test_a_search_within_days_looks_at_the_entries_of_those_days(
    as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pages, "LOOKED_AT", 1)
    assert shown(as_ada, q="renamed", until="2026-11-22") == {"list 100%"}
