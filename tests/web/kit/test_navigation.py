"""What the top of every page takes from the database: who is signed in, and what waits for them."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from automations.models.db.base import write
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.models.tables.task import DONE, Task
from tests.kit.statements import recorded_statements
from tests.web.pages import text_of
from tests.world import NOW


def test_every_page_asks_twice_who_it_is_for_and_what_waits(as_rosa: FlaskClient) -> None:
    as_rosa.get("/help")
    with recorded_statements() as statements:
        as_rosa.get("/help")
    asked = [text for text, _ in statements if text.startswith("SELECT")]
    assert len(asked) == 2
    assert "FROM sign_in" in asked[0] and "notification" in asked[1]


def test_the_navigation_counts_the_open_tasks_for_the_person_their_roles_and_anyone(
    as_rosa: FlaskClient, as_finn: FlaskClient, bloom: Store, rosa: User
) -> None:
    store_id, rosa_id = bloom.id, rosa.id
    whose: list[dict[str, Any]] = [
        {"assignee_id": rosa_id},
        {"assignee_role": "manager"},
        {"assignee_role": "team"},
        {"assignee_role": "admin"},
        {},
    ]
    with write() as session:
        for place, values in enumerate([*whose, {"state": DONE}]):
            session.add(Task(store_id=store_id, title=f"Task {place}", created_at=NOW, **values))
    assert "Tasks 4 open Activity" in text_of(as_rosa.get("/help"))
    assert "Tasks 2 open Activity" in text_of(as_finn.get("/help"))


def test_the_menu_leads_to_the_persons_other_stores(as_rosa: FlaskClient, rosa: User) -> None:
    rosa_id = rosa.id
    assert "Switch to" not in as_rosa.get("/help").text
    with write() as session:
        thorn = session.query(Store).filter_by(name="Thorn & Co").one()
        session.add(Membership(user_id=rosa_id, store_id=thorn.id, role="viewer"))
        thorn_id = thorn.id
    assert "Switch to Thorn & Co" in text_of(as_rosa.get("/help"))
    with recorded_statements() as statements:
        page = as_rosa.post("/current-store", data={"store": str(thorn_id)}, follow_redirects=True)
    assert "You are now in Thorn & Co" in text_of(page) and "Switch to Bloom & Wild St" in text_of(page)
    assert sum("FROM sign_in" in text for text, _ in statements) == 2
    assert as_rosa.post("/current-store", data={"store": "12345"}).status_code == 404


def test_a_person_without_a_store_is_signed_out(as_rosa: FlaskClient, rosa: User) -> None:
    rosa_id = rosa.id
    with write() as session:
        session.query(Membership).filter_by(user_id=rosa_id).delete()
    assert as_rosa.get("/help").status_code == 303
