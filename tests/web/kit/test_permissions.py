"""Every route for every kind of caller, over HTTP, compared with what was written down by hand."""

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
from automations.web.kit.permissions import PERMISSIONS, SCOPES
from tests.kit.rows import all_rows
from tests.web.kit.who_may import ADMIN, ANYBODY, KEY, MANAGER, MAY_USE, OPERATOR, VIEWER, WHO_MAY
from tests.web.kit.who_may_keys import KEY_MAY_USE, OF_THE_API
from tests.web.pages import sign_in
from tests.world import NOW

#: The word of the product's table -> the least that a caller must be.
WORDS = {"public": ANYBODY, "view": VIEWER, "edit": MANAGER, "admin": ADMIN, "operator": OPERATOR}
WORDS |= dict.fromkeys(("api:read", "api:write", "api:deliveries", "api:automations", "api:examples"), KEY)
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


def who_may(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield (method, address, the least that a caller must be) of every route."""
    spelled = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    for endpoint, method, address in routes(app):
        yield method, address, WHO_MAY[f"{method} {spelled[endpoint]}"]


def ask(client: FlaskClient, method: str, address: str) -> TestResponse:
    return client.open(address, method=method)


def asks_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 303 and answer.location.startswith("/sign-in?")


def test_every_route_is_written_down_and_has_the_row_that_was_meant(app: Flask) -> None:
    spelled = {
        f"{method} {rule.rule}": rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert spelled.keys() - WHO_MAY.keys() == set(), "write these down in tests/web/kit/who_may.py"
    assert WHO_MAY.keys() - spelled.keys() == set(), "these addresses do not exist"
    assert {line: WORDS[PERMISSIONS[endpoint]] for line, endpoint in spelled.items()} == WHO_MAY
    assert set(PERMISSIONS) - set(app.view_functions) == set(), "these rows have no endpoint"


def test_each_endpoint_has_only_one_method(app: Flask) -> None:
    methods: dict[str, set[str]] = {}
    for endpoint, method, _ in routes(app):
        methods.setdefault(endpoint, set()).add(method)
    assert {endpoint: several for endpoint, several in methods.items() if len(several) > 1} == {}


def test_only_public_pages_answer_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    for method, address, who in who_may(app):
        answer = ask(client, method, address)
        if who in (KEY, OPERATOR):
            assert answer.status_code == (401 if who == KEY else 403), (method, address)
        elif address != "/sign-out":
            assert asks_to_sign_in(answer) == (who != ANYBODY), (method, address)
            assert who != ANYBODY or answer.status_code not in (403, 500), (method, address)


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_each_role_may_use_what_was_written_down(app: Flask, person: str) -> None:
    client = sign_in(app.test_client(), person)
    for method, address, who in who_may(app):
        if f"{method} {address}" in ("POST /sign-in", "POST /sign-out"):
            continue
        answer = ask(client, method, address)
        if who == KEY:
            assert answer.status_code == 401, (method, address)
            continue
        allowed = who in MAY_USE[PEOPLE[person]]
        assert (answer.status_code != 403) == allowed, (method, address, answer.status_code)
        assert answer.status_code < 500 and not asks_to_sign_in(answer), (method, address)


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
    for method, address, who in who_may(app):
        if who in (VIEWER, MANAGER, ADMIN):
            assert asks_to_sign_in(ask(client, method, address)), (method, address)
    assert all_rows() == before


def test_a_forbidden_request_changes_nothing(app: Flask, as_finn: FlaskClient) -> None:
    before = all_rows()
    for method, address, who in who_may(app):
        if method != "GET" and who in (MANAGER, ADMIN):
            assert ask(as_finn, method, address).status_code == 403, address
    assert all_rows() == before


def test_a_key_can_be_given_the_scopes_that_were_written_down() -> None:
    assert SCOPES.keys() == KEY_MAY_USE.keys()


@pytest.mark.parametrize("scope", KEY_MAY_USE)
def test_a_key_may_use_what_was_written_down(app: Flask, bloom: Store, rosa: User, scope: str) -> None:
    with write() as session:
        _, secret = create(session, bloom, "till", scope, rosa, NOW)
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    for line in sorted(OF_THE_API):
        method, address = line.split()
        answer = client.open(address, method=method, headers=headers)
        assert (answer.status_code != 403) == (line in KEY_MAY_USE[scope]), (line, answer.status_code)
        assert answer.status_code != 401 and answer.status_code < 500, line


def test_a_key_of_several_scopes_may_use_each_and_nothing_else(app: Flask, bloom: Store, rosa: User) -> None:
    with write() as session:
        _, secret = create(session, bloom, "till", "orders:write deliveries:write", rosa, NOW)
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    allowed = KEY_MAY_USE["orders:write"] | KEY_MAY_USE["deliveries:write"]
    for line in sorted(OF_THE_API):
        method, address = line.split()
        status = client.open(address, method=method, headers=headers).status_code
        assert (status != 403) == (line in allowed), (line, status)


def test_a_key_opens_no_page(app: Flask, bloom: Store, rosa: User) -> None:
    with write() as session:
        _, secret = create(session, bloom, "till", " ".join(KEY_MAY_USE), rosa, NOW)
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    for method, address, who in who_may(app):
        if who in (VIEWER, MANAGER, ADMIN):
            assert asks_to_sign_in(client.open(address, method=method, headers=headers)), (method, address)
        elif who == OPERATOR:
            assert client.open(address, method=method, headers=headers).status_code == 403


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
