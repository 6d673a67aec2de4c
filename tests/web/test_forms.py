"""Every form is accepted only with its token, and only with the fields it shows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.people import Audit, Membership, SignIn, User
from automations.models.tables.store import Store
from automations.pipeline.intake.record_schema import FIELDS
from automations.web.kit.permissions import PERMISSIONS
from automations.web.request.security import BY_LINK
from tests.kit.pages.forms import post_forms
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.rows import all_rows
from tests.web.api.conftest import problems, till_of
from tests.web.kit.test_permissions import routes
from tests.web.pages import sign_in, text_of
from tests.world import NOW

#: Blueprints without our forms; a signature or a signed address protects them instead.
WITHOUT_TOKEN = {"hooks", "shop_deliveries"}
#: Forms that would end the test's own session or need a mail server.
LEAVES = re.compile(r"/(sign-out|sessions/\d+/end|disabling|password|tests)$|^/(theme|current-store)$")
#: Forms that change rows without an audit note: nothing is edited, only data derived from lists is rebuilt.
NO_EDIT = {"/settings/choices/0/place"}
AUDIT = frozenset({"audit", "audit_head"})
TEXT, NUMBER, DAY = "mass-assigned", "987654321", "1999-12-31"


@pytest.fixture
def guarded(app: Flask) -> Iterator[FlaskClient]:
    """A client signed in as Ada, with CSRF protection on."""
    client = sign_in(app.test_client(), "ada")
    app.config["WTF_CSRF_ENABLED"] = True
    yield client
    app.config["WTF_CSRF_ENABLED"] = False


def token_of(client: FlaskClient, page: str = "/password") -> str:
    match = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert match
    return match[1]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["a page", "htmx"])
def test_every_form_is_refused_without_its_token(
    app: Flask, guarded: FlaskClient, headers: dict[str, str]
) -> None:
    stranger, before, walked = sign_in_elsewhere(app), all_rows(), 0
    foreign = token_of(stranger)
    for endpoint, method, address in routes(app):
        if (
            method == "GET"
            or PERMISSIONS[endpoint].startswith("api:")
            or endpoint.split(".")[0] in WITHOUT_TOKEN
            or endpoint in BY_LINK
        ):
            continue
        for data in ({}, {"csrf_token": foreign}):
            answer = guarded.open(address, method=method, data=data, headers=headers)
            assert answer.status_code == 400 and "nothing was changed" in text_of(answer), endpoint
        walked += 1
    assert walked > 70
    assert all_rows() == before


def sign_in_elsewhere(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(app.test_client(), "finn")
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def test_a_form_left_open_for_hours_is_still_accepted(app: Flask) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        client = sign_in(app.test_client(), "ada")
        app.config["WTF_CSRF_ENABLED"] = True
        try:
            token = token_of(client, "/settings/team/new")
            clock.shift(dt.timedelta(hours=11))
            data = {"csrf_token": token, "name": "Zoë", "email": "zoe@bloom.example", "role": "viewer"}
            assert client.post("/settings/team", data=data).status_code == 200
        finally:
            app.config["WTF_CSRF_ENABLED"] = False


def test_a_token_from_before_signing_in_is_invalid_afterwards(app: Flask, client: FlaskClient) -> None:
    token = token_of(client, "/sign-in")
    sign_in(client, "ada")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.post("/settings/team", data={"csrf_token": token}).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def columns() -> dict[str, str]:
    """Return every column name of every table, each with a value that must never be stored."""
    values = {}
    for table in db.metadata.tables.values():
        for column in table.columns:
            kind = str(column.type).upper()
            values[column.name] = NUMBER if "INT" in kind else DAY if "DATE" in kind else TEXT
    return values


def hostile(app: Flask, shown: dict[str, str]) -> dict[str, str]:
    """Return values for all columns the form does not show, such as another store's id or a higher role."""
    thorn = db.session.query(Store.id).filter_by(name="Thorn & Co").scalar()
    forbidden = columns() | {
        "store_id": str(thorn),
        "role": "admin",
        "user_id": "4",
        "created_by": "4",
        "owner_id": "4",
    }
    return {name: value for name, value in forbidden.items() if name not in shown}


def sent_forms(
    app: Flask, client: FlaskClient, ids: dict[str, Any], leaves: re.Pattern[str] | None = LEAVES
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (address, values) of each form on the pages Ada can open, except addresses matching `leaves`."""
    adapter, seen = app.url_map.bind("localhost"), set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or PERMISSIONS[rule.endpoint] not in ("view", "edit", "admin"):
            continue
        parts = {
            part: ids.get(part, {"plural": "orders", "list_key": "order_status"}.get(part))
            for part in rule.arguments
        }
        page = client.get(
            adapter.build(rule.endpoint, parts), query_string={"automation": ids["automation_id"]}
        )
        for form in post_forms(page.text) if page.mimetype == "text/html" else ():
            for address in form.addresses:
                if address and address not in seen and not (leaves and leaves.search(address)):
                    seen.add(address)
                    yield address, dict(form.values)


@pytest.mark.slow
def test_no_form_accepts_more_fields_than_it_shows(
    app: Flask, bloom: Store, rosa: User, as_ada: FlaskClient
) -> None:
    sign_in(app.test_client(), "rosa")
    ids = one_of_each(bloom, rosa)
    roles = dict(db.session.query(Membership.id, Membership.role).all())
    of_thorn = rows_of_thorn(app)
    changed, silent = [], []
    # Forms that remove or archive come last, or the others would have nothing to change.
    forms = sorted(
        sent_forms(app, as_ada, ids), key=lambda pair: "removal" in pair[0] or "archive" in pair[0]
    )
    for address, shown in forms:
        before, noted = all_rows(AUDIT), db.session.query(Audit).count()
        answer = as_ada.post(address, data=shown | hostile(app, shown))
        assert answer.status_code < 500, (address, text_of(answer))
        after = all_rows(AUDIT)
        if before != after:
            changed.append(address)
            silent += [address] if db.session.query(Audit).count() == noted else []
        everything = str(after)
        assert TEXT not in everything and NUMBER not in everything and DAY not in everything, address
        assert rows_of_thorn(app) == of_thorn, address
        now = dict(db.session.query(Membership.id, Membership.role).all())
        assert {id: now.get(id, role) for id, role in roles.items()} == roles, address
    assert len(forms) > 50 and len(changed) > 20, (len(forms), len(changed))
    assert db.session.query(SignIn).filter_by(user_id=4).count() == 0
    assert {re.sub(r"\d+", "0", address) for address in silent} == NO_EDIT


def rows_of_thorn(app: Flask) -> int:
    db.session.rollback()
    thorn = db.session.query(Store.id).filter_by(name="Thorn & Co").scalar()
    tables = [table for table in db.metadata.tables.values() if "store_id" in table.columns]
    return sum(db.session.query(table).filter(table.c.store_id == thorn).count() for table in tables)


@pytest.mark.parametrize("subject", FIELDS)
def test_the_api_accepts_no_column_it_does_not_describe(app: Flask, subject: str) -> None:
    forbidden = {name: value for name, value in columns().items() if name not in FIELDS[subject]}
    till = till_of(app)
    before = all_rows()
    refused = till.post(f"/api/{subject}s", {"number": "M-1"} | forbidden)
    assert refused.status_code == 422
    assert problems(refused).keys() == forbidden.keys()
    assert all_rows() == before
