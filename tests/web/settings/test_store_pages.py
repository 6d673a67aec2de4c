"""Settings: a person's stores, and creating a new one."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.settings.choices import DEFAULTS
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Choice, Store
from tests.web.pages import sign_in, text_of

WILLOW = {"name": "Willow Lane", "currency": "EUR", "timezone": "Europe/Dublin", "region": "IE"}


def store(name: str) -> Store:
    db.session.rollback()
    return db.session.query(Store).filter_by(name=name).one()


def join(email: str, name: str, role: str) -> None:
    with write() as session:
        user = session.query(User).filter_by(email=email).one()
        home = session.query(Store).filter_by(name=name).one()
        session.add(Membership(user_id=user.id, store_id=home.id, role=role))


def test_the_list_shows_only_the_persons_stores_with_their_role(as_ada: FlaskClient) -> None:
    assert "Thorn & Co" not in text_of(as_ada.get("/settings/stores"))
    join("ada@bloom.example", "Thorn & Co", "viewer")
    words = text_of(as_ada.get("/settings/stores"))
    assert "Bloom & Wild St You are here Admin · GBP · Europe/London Edit" in words
    assert "Thorn & Co Viewer · GBP · Europe/London Switch to it" in words


def test_only_an_admin_of_another_store_may_switch_and_edit_it(as_ada: FlaskClient) -> None:
    join("ada@bloom.example", "Thorn & Co", "manager")
    assert "Switch and edit" not in as_ada.get("/settings/stores").text
    with write() as session:
        session.query(Membership).filter_by(role="manager").update({"role": "admin"})
    assert "Switch and edit" in as_ada.get("/settings/stores").text
    given = {"store": str(store("Thorn & Co").id), "open": "settings"}
    answer = as_ada.post("/current-store", data=given, follow_redirects=True)
    assert 'value="Thorn &amp; Co"' in answer.text and answer.request.path == "/settings/store"


def test_switching_ignores_an_address_in_the_form(as_ada: FlaskClient) -> None:
    join("ada@bloom.example", "Thorn & Co", "viewer")
    given = {"store": str(store("Thorn & Co").id), "open": "//evil.example"}
    assert as_ada.post("/current-store", data=given).location == "/"


def test_a_new_store_has_the_default_lists_and_its_admin_works_in_it(as_ada: FlaskClient) -> None:
    answer = as_ada.post("/settings/stores", data=WILLOW, follow_redirects=True)
    assert "Willow Lane has been created with the usual lists" in text_of(answer)
    assert "Admin of Willow Lane" in text_of(answer)
    willow = store("Willow Lane")
    assert {name: getattr(willow, name) for name in WILLOW} == WILLOW
    count = db.session.query(Choice).filter_by(store_id=willow.id).count()
    assert count == sum(len(labels) for labels in DEFAULTS.values())
    assert "Ada Quill made the store “Willow Lane”" in text_of(as_ada.get("/settings/audit"))
    for address in ("/", "/orders", "/orders/new", "/accounts", "/activity", "/automations"):
        assert as_ada.get(address, follow_redirects=True).status_code == 200, address


def test_a_new_store_has_no_other_people(as_ada: FlaskClient, as_rosa: FlaskClient) -> None:
    as_ada.post("/settings/stores", data=WILLOW)
    given = {"store": str(store("Willow Lane").id)}
    assert as_rosa.post("/current-store", data=given).status_code == 404


def test_another_browser_of_the_same_person_stays_in_its_store(as_ada: FlaskClient) -> None:
    other = sign_in(as_ada.application.test_client(), "ada")
    as_ada.post("/settings/stores", data=WILLOW)
    assert "Admin of Bloom & Wild St" in text_of(other.get("/sessions"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "Thorn & Co"}, "Another store here has this name. Choose another one."),
        ({"name": "  "}, "Enter the name of the store."),
        ({"timezone": "Mars/Base"}, "Not a valid choice."),
        ({"currency": "XXX"}, "Not a valid choice."),
    ],
)
def test_an_invalid_store_is_reported_and_not_created(
    as_ada: FlaskClient, given: dict[str, str], sentence: str
) -> None:
    answer = as_ada.post("/settings/stores", data=WILLOW | given)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert db.session.query(Store).count() == 2
    assert "Admin of Bloom & Wild St" in text_of(as_ada.get("/sessions"))


def test_a_new_store_starts_with_the_time_zone_and_currency_of_this_one(as_ada: FlaskClient) -> None:
    page = as_ada.get("/settings/stores/new").text
    assert '<option selected value="Europe/London">' in page and '<option selected value="GBP">' in page
