"""Every route for every kind of caller, generated from the routes and the table of permissions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from automations.models.access.api_keys import create
from automations.models.db.base import write
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.web.kit.permissions import API_KINDS, DELIVERIES, PERMISSIONS, ROLES, SCOPES
from tests.kit.rows import all_rows
from tests.web.pages import sign_in
from tests.world import NOW

KNOWN = {"public", "view", "edit", "admin", "api:read", "api:write", "api:deliveries", "operator"}
#: A value for each part of an address. No record in the tests has any of them.
PARTS = {
    "name": "nothing",
    "filename": "nothing",
    "list_key": "order_status",
    "subject": "order",
    "plural": "orders",
}
PEOPLE = {"finn": "viewer", "rosa": "manager", "ada": "admin"}
#: Signing out or in would end the walk over the routes.
LEAVES = {"sign_ins.destroy", "sign_ins.create"}


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield (endpoint, method, address) of every route, with parts that match no record."""
    for rule in app.url_map.iter_rules():
        with app.test_request_context():
            address = _filled(app, rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def _filled(app: Flask, rule: Rule) -> str:
    parts = {
        part: PARTS.get(part, "999999999") for part in rule.arguments if part not in (rule.defaults or {})
    }
    adapter = app.url_map.bind("localhost")
    typed = {part: int(text) if text.isdigit() else text for part, text in parts.items()}
    return adapter.build(rule.endpoint, typed | dict(rule.defaults or {}))


def ask(client: FlaskClient, method: str, address: str) -> TestResponse:
    return client.open(address, method=method)


def test_every_endpoint_has_a_row_and_every_row_an_endpoint(app: Flask) -> None:
    missing = {rule.endpoint for rule in app.url_map.iter_rules()} - set(PERMISSIONS)
    assert not missing, f"give these a row in web/kit/permissions.py: {sorted(missing)}"
    assert not set(PERMISSIONS) - set(app.view_functions), "these rows have no endpoint"
    assert set(PERMISSIONS.values()) <= KNOWN


def test_each_endpoint_has_only_one_method(app: Flask) -> None:
    methods: dict[str, set[str]] = {}
    for endpoint, method, _ in routes(app):
        methods.setdefault(endpoint, set()).add(method)
    assert {endpoint: several for endpoint, several in methods.items() if len(several) > 1} == {}


def test_only_public_pages_answer_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    for endpoint, method, address in routes(app):
        answer = ask(client, method, address)
        permission = PERMISSIONS[endpoint]
        if permission.startswith("api:"):
            assert answer.status_code == 401, (endpoint, method)
        elif permission == "operator":
            assert answer.status_code == 403, (endpoint, method)
        elif permission != "public":
            assert answer.status_code == 303, (endpoint, method)
            assert answer.location.startswith("/sign-in"), (endpoint, method)


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_each_role_may_do_what_the_table_says(app: Flask, person: str) -> None:
    client = sign_in(app.test_client(), person)
    for endpoint, method, address in routes(app):
        if endpoint in LEAVES or PERMISSIONS[endpoint].startswith("api:"):
            continue
        status = ask(client, method, address).status_code
        allowed = PERMISSIONS[endpoint] in ROLES[PEOPLE[person]]
        assert (status != 403) == allowed, (endpoint, method, status)
        assert status < 500, (endpoint, method)


@pytest.mark.parametrize("change", ["disabled", "without a store"])
def test_a_person_without_access_is_signed_out_everywhere(app: Flask, change: str) -> None:
    client = sign_in(app.test_client(), "ada")
    with write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        if change == "disabled":
            ada.disabled_at = NOW
        else:
            session.query(Membership).filter_by(user_id=ada.id).delete()
    before = all_rows()
    for endpoint, method, address in routes(app):
        if PERMISSIONS[endpoint] in ("view", "edit", "admin"):
            answer = ask(client, method, address)
            assert answer.status_code == 303 and answer.location.startswith("/sign-in"), (endpoint, method)
    assert all_rows() == before


def test_a_forbidden_request_changes_nothing(app: Flask, as_finn: FlaskClient) -> None:
    before = all_rows()
    for endpoint, method, address in routes(app):
        if method != "GET" and PERMISSIONS[endpoint] in ("edit", "admin"):
            assert ask(as_finn, method, address).status_code == 403, endpoint
    assert all_rows() == before


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_may_do_what_its_scope_says(app: Flask, bloom: Store, rosa: User, scope: str) -> None:
    with write() as session:
        _, secret = create(session, bloom, "till", scope, rosa, NOW)
    client, walked = app.test_client(), 0
    for endpoint, method, address in routes(app):
        if not PERMISSIONS[endpoint].startswith("api:"):
            continue
        for kind in API_KINDS if "/api/orders" in address else (DELIVERIES,):
            there = address.replace("/api/orders", f"/api/{kind}")
            answer = client.open(there, method=method, headers={"Authorization": f"Bearer {secret}"})
            allowed = (PERMISSIONS[endpoint], kind) in SCOPES[scope]
            assert (answer.status_code != 403) == allowed, (endpoint, kind)
            walked += 1
    assert walked == 20


def test_an_endpoint_without_a_row_is_refused_at_run_time(
    app: Flask, as_ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(PERMISSIONS, "sessions.index")
    assert as_ada.get("/sessions").status_code == 403


def test_a_changed_role_takes_effect_at_the_next_request(as_ada: FlaskClient) -> None:
    assert as_ada.get("/settings/team").status_code == 200
    with write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        session.query(Membership).filter_by(user_id=ada.id).update({"role": "viewer"})
    assert as_ada.get("/settings/team").status_code == 403
