"""First passwords, made by someone else: valid for a while, and only for the page that changes them."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from automations.models.access.browser_sessions import GIVEN_FOR
from automations.models.db.base import db, write
from automations.models.settings import store_creation
from automations.models.tables.people import Audit, User
from automations.web.kit.permissions import PERMISSIONS
from tests.web.kit.test_permissions import routes
from tests.web.pages import EMAILS, sign_in, text_of
from tests.web.settings.test_team_settings import give_password
from tests.world import PASSWORD

OWN = "asters on the sill"


def password_in(words: str) -> str:
    """Return the password in the output of a command."""
    return words.partition("can sign in with ")[2].split()[0]


@pytest.fixture
def first_password(app: Flask) -> str:
    """Return Finn's new password, made by the command."""
    return password_in(app.test_cli_runner().invoke(args=["set-password", EMAILS["finn"]]).output)


def finn() -> User:
    db.session.rollback()
    return db.session.query(User).filter_by(email=EMAILS["finn"]).one()


def test_a_first_password_opens_only_the_page_that_changes_it(
    app: Flask, client: FlaskClient, first_password: str
) -> None:
    sign_in(client, "finn", first_password)
    for endpoint, method, address in routes(app):
        if PERMISSIONS[endpoint] in ("view", "edit", "admin") and not endpoint.startswith("passwords."):
            answer = client.open(address, method=method)
            assert (answer.status_code, answer.location) == (303, "/password"), endpoint
    part = client.get("/orders", headers={"HX-Request": "true"})
    assert part.status_code == 403 and "choose one of your own" in text_of(part)
    assert "was made for you" in text_of(client.get("/password"))
    assert client.post("/password", data={"current": first_password, "new": "short"}).status_code == 422
    done = client.post("/password", data={"current": first_password, "new": OWN}, follow_redirects=True)
    assert done.status_code == 200 and client.get("/orders").status_code == 200
    assert finn().password_given_at is None
    assert "was made for you" not in text_of(client.get("/password"))


def test_signing_out_works_with_a_first_password(client: FlaskClient, first_password: str) -> None:
    sign_in(client, "finn", first_password)
    assert client.post("/sign-out").location == "/sign-in"


def test_a_first_password_is_valid_for_seven_days(client: FlaskClient, first_password: str) -> None:
    now = dt.datetime.now(dt.UTC)
    with time_machine.travel(now + GIVEN_FOR - dt.timedelta(hours=1)):
        assert sign_in(client, "finn", first_password).get("/orders").location == "/password"
    with time_machine.travel(now + GIVEN_FOR + dt.timedelta(hours=1)):
        later = client.application.test_client()
        answer = later.post("/sign-in", data={"email": EMAILS["finn"], "password": first_password})
        assert answer.status_code == 422


def test_a_password_made_by_an_admin_is_a_first_password_too(as_ada: FlaskClient) -> None:
    give_password(as_ada, EMAILS["finn"])
    assert finn().password_given_at is not None


def test_the_first_admin_of_a_new_store_must_choose_a_password(app: Flask, client: FlaskClient) -> None:
    made = app.test_cli_runner().invoke(args=["create-store", "Petal Lane", "pia@petal.example"])
    assert "It is valid for 7 days" in made.output
    answer = client.post(
        "/sign-in", data={"email": "pia@petal.example", "password": password_in(made.output)}
    )
    assert answer.status_code == 303 and client.get("/").location == "/password"


def test_a_new_store_is_audited_and_its_name_must_be_unique(app: Flask) -> None:
    def create(name: str, email: str) -> tuple[int, str]:
        made = app.test_cli_runner().invoke(args=["create-store", name, email])
        return made.exit_code, made.output

    assert create("Petal Lane", "Pia@petal.example")[0] == 0
    entry = db.session.query(Audit).order_by(Audit.id.desc()).first()
    assert entry is not None and entry.about == "the store “Petal Lane” and its first admin, by a command"
    again = create("Petal Lane", "max@petal.example")
    assert again == (1, "Error: A store called “Petal Lane” already exists. Choose another name.\n")
    assert create("Stem Street", "pia")[0] == 1
    code, output = create("Stem Street", "pia@petal.example")
    assert (code, "with the same password" in output) == (0, True)
    pia = db.session.query(User).filter_by(email="pia@petal.example").one()
    assert {membership.store.name for membership in store_creation.memberships(db.session(), pia.id)} == {
        "Petal Lane",
        "Stem Street",
    }


def test_a_password_chosen_by_the_person_never_has_to_be_changed(as_finn: FlaskClient) -> None:
    with write() as session:
        session.query(User).filter_by(email=EMAILS["finn"]).one().created_at = dt.datetime(
            2020, 1, 1, tzinfo=dt.UTC
        )
    assert as_finn.get("/orders").status_code == 200
    assert sign_in(as_finn.application.test_client(), "finn", PASSWORD)
