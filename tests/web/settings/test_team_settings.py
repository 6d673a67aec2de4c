"""Settings: people and their roles. A store always keeps an admin."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.db.base import db, write
from automations.models.tables.people import Audit, Membership, User
from automations.models.tables.store import Store
from tests.web.pages import sign_in, text_of
from tests.world import PASSWORD

ZOE = {"name": "Zoë Fern", "email": "Zoe@Bloom.example", "role": "viewer"}


def member(email: str) -> int:
    return db.session.query(Membership).join(User).filter(User.email == email).one().id


def role_of(email: str) -> str:
    db.session.expire_all()
    return db.session.query(Membership).join(User).filter(User.email == email).one().role


def test_an_invalid_email_keeps_what_was_typed(as_ada: FlaskClient) -> None:
    answer = as_ada.post("/settings/team", data=ZOE | {"email": "zoe(at)bloom"})
    assert answer.status_code == 422
    assert "“zoe(at)bloom” is not a valid email address." in text_of(answer)
    assert 'value="Zoë Fern"' in answer.text


def test_a_person_cannot_be_invited_twice(as_ada: FlaskClient) -> None:
    answer = as_ada.post("/settings/team", data=ZOE | {"email": "ROSA@bloom.example"})
    assert answer.status_code == 422
    assert "Rosa Lind with this email is in the team already." in text_of(answer)


def test_a_person_of_another_store_keeps_their_password_and_can_switch(as_ada: FlaskClient) -> None:
    page = as_ada.post("/settings/team", data=ZOE | {"email": "mallory@thorn.example"})
    assert "own password" in text_of(page) and "invitation" not in page.text
    browser = sign_in(as_ada.application.test_client(), "mallory")
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one().id
    browser.post("/current-store", data={"store": bloom})
    assert "Viewer of Bloom & Wild St" in text_of(browser.get("/sessions"))


def test_nobody_can_switch_to_a_store_they_do_not_belong_to(as_mallory: FlaskClient) -> None:
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one().id
    assert as_mallory.post("/current-store", data={"store": bloom}).status_code == 404


def test_a_new_role_signs_the_person_out(as_ada: FlaskClient, as_rosa: FlaskClient) -> None:
    as_ada.post(f"/settings/team/{member('rosa@bloom.example')}/role", data={"role": "viewer"})
    assert role_of("rosa@bloom.example") == "viewer"
    assert as_rosa.get("/sessions").status_code == 303


def test_the_last_admin_cannot_be_demoted_or_disabled(as_ada: FlaskClient) -> None:
    ada = member("ada@bloom.example")
    as_ada.post(f"/settings/team/{ada}/role", data={"role": "viewer"})
    assert role_of("ada@bloom.example") == "admin"
    as_ada.post(f"/settings/team/{ada}/disabling")
    assert "needs at least one admin" in text_of(as_ada.get("/settings/team"))


def test_a_disabled_person_is_signed_out_at_once_and_can_be_enabled_again(
    as_ada: FlaskClient, as_finn: FlaskClient
) -> None:
    finn = member("finn@bloom.example")
    as_ada.post(f"/settings/team/{finn}/disabling")
    assert as_finn.get("/sessions").status_code == 303
    assert "Cannot sign in" in text_of(as_ada.get("/settings/team"))
    as_ada.post(f"/settings/team/{finn}/enabling")
    sign_in(as_finn, "finn")


def test_removing_someone_who_also_works_elsewhere_keeps_their_other_store(as_ada: FlaskClient) -> None:
    as_ada.post("/settings/team", data=ZOE | {"email": "mallory@thorn.example"})
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one().id
    here = (
        db.session.query(Membership)
        .join(User)
        .filter(User.email == "mallory@thorn.example", Membership.store_id == bloom)
    )
    as_ada.post(f"/settings/team/{here.one().id}/disabling")
    assert here.count() == 0
    sign_in(as_ada.application.test_client(), "mallory")


def test_people_of_another_store_cannot_be_changed(as_ada: FlaskClient) -> None:
    mallory = member("mallory@thorn.example")
    assert as_ada.post(f"/settings/team/{mallory}/disabling").status_code == 404
    assert as_ada.post(f"/settings/team/{mallory}/role", data={"role": "viewer"}).status_code == 404


def test_an_unknown_role_is_refused(as_ada: FlaskClient) -> None:
    finn = member("finn@bloom.example")
    assert as_ada.post(f"/settings/team/{finn}/role", data={"role": "owner"}).status_code == 400
    assert as_ada.post("/settings/team", data=ZOE | {"role": "owner"}).status_code == 422


def test_two_admins_may_change_each_other(as_ada: FlaskClient) -> None:
    as_ada.post(f"/settings/team/{member('rosa@bloom.example')}/role", data={"role": "admin"})
    as_ada.post(f"/settings/team/{member('ada@bloom.example')}/role", data={"role": "manager"})
    assert role_of("ada@bloom.example") == "manager"
    with write() as session:
        assert session.query(Audit).filter_by(action="changed role").count() == 2


def give_password(client: FlaskClient, email: str) -> TestResponse:
    return client.post(f"/settings/team/{member(email)}/password")


def test_a_new_password_is_shown_once_and_ends_every_session(
    as_ada: FlaskClient, as_finn: FlaskClient
) -> None:
    asked = as_ada.get(f"/settings/team/{member('finn@bloom.example')}/password")
    assert "Finn Ash is signed out everywhere" in text_of(asked)
    page = give_password(as_ada, "finn@bloom.example")
    shown = re.search(r'class="secret">([^<]+)<', page.text)
    assert shown and as_finn.get("/sessions").status_code == 303
    browser = as_ada.application.test_client()
    old = browser.post("/sign-in", data={"email": "finn@bloom.example", "password": PASSWORD})
    assert old.status_code == 422
    new = browser.post("/sign-in", data={"email": "finn@bloom.example", "password": shown[1]})
    assert new.status_code == 303
    assert "has to choose another when signing in" in text_of(page)
    assert shown[1] not in as_ada.get("/settings/team").text
    assert "gave a new password to Finn Ash" in text_of(as_ada.get("/settings/audit"))
    assert shown[1] not in str([(row.before, row.after) for row in db.session.query(Audit)])


def test_admins_change_their_own_password_on_its_own_page(as_ada: FlaskClient) -> None:
    give_password(as_ada, "ada@bloom.example")
    assert "Your own password is changed under" in text_of(as_ada.get("/settings/team"))
    assert sign_in(as_ada.application.test_client(), "ada")


def test_an_admin_cannot_enter_another_store_with_a_password_they_made(as_ada: FlaskClient) -> None:
    as_ada.post("/settings/team", data=ZOE | {"email": "mallory@thorn.example"})
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one().id
    memberships = db.session.query(Membership).join(User).filter(User.email == "mallory@thorn.example")
    here = memberships.filter(Membership.store_id == bloom).one().id
    as_ada.post(f"/settings/team/{here}/password")
    assert "also works in a store where you are not an admin" in text_of(as_ada.get("/settings/team"))
    sign_in(as_ada.application.test_client(), "mallory")
