"""Forms with input no browser sends: no failure, nothing is lost, and a sentence says what to change."""

from __future__ import annotations

import datetime as dt
import re
import socket
from itertools import cycle, islice
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.access import action_rate_limit, browser_sessions
from automations.models.db.base import db, write
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.kit.open_twice import SEEN
from automations.web.kit.permissions import PERMISSIONS
from tests.kit.hostile.form_attacks import VALUES, bodies, with_value
from tests.kit.pages.forms import post_forms
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.statements import changed_tables
from tests.web.building import HTMX
from tests.web.kit.test_permissions import PARTS
from tests.web.pages import sign_in, text_of
from tests.web.test_forms import sent_forms

pytestmark = pytest.mark.slow

#: Values tried in each field of a form. Across all forms, every value is tried many times.
EACH = 2
#: Bodies that reach the database, so they run on both; the others are refused before.
STORED = {"names nobody knows", "bytes that are no text", "half an encoding", "every value long"}
#: Tables a refused request may write to.
NOTED = {"audit", "audit_head", "sign_in_failure"}
#: Where a draft is kept in any state: what is refused is publishing it, or only its name.
KEEPS_DRAFT = re.compile(r"/automations/\d+/(reviews|saves)")
DRAFT = {"automation", "undo_step"}
TOLD = re.compile(r'invalid-feedback|role="alert"|alert-danger|quiet-sentence|alert-warning|<b>Not saved')
#: Fields the server fills in again, so their values may differ in the redrawn form; an unknown customer's
#: name moves to where they can be added.
MADE_ANEW = re.compile(r"csrf_token|record-number|.*shown|new_customer-(first_name|last_name|email|phone)")
#: Forms that remove what other forms need; they run last.
REMOVES = re.compile(r"removal|archive|disabling|sign-out|/end$|erasure|closing|revocation|destroy")


@pytest.fixture(autouse=True)
def nobody_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail every DNS lookup and lift the limits per minute."""

    def unknown(*_: Any, **__: Any) -> NoReturn:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(action_rate_limit, "MOST", dict.fromkeys(action_rate_limit.MOST, 10**6))


def enter(client: FlaskClient, user_id: int) -> None:
    """Sign in again, whatever the previous form did to the session."""
    with write() as session:
        ada = session.get_one(User, user_id)
        token = browser_sessions.start(
            session, ada, browser_sessions.Browser("test", "127.0.0.1"), dt.datetime.now(dt.UTC)
        )
    client.set_cookie("sign_in", token)


def forms(app: Flask, client: FlaskClient, ids: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the values each form would send, by address, for every endpoint that takes a form."""
    forms_by_address = dict(sent_forms(app, client, ids, leaves=None))
    endpoints = {
        app.url_map.bind("localhost").match(address.partition("?")[0], "POST")[0]
        for address in forms_by_address
    }
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and _takes_a_form(rule.endpoint) and rule.endpoint not in endpoints:
            parts = {part: ids.get(part, PARTS.get(part, 999999999)) for part in rule.arguments}
            forms_by_address[app.url_map.bind("localhost").build(rule.endpoint, parts, method="POST")] = {}
    return dict(sorted(forms_by_address.items(), key=lambda pair: bool(REMOVES.search(pair[0]))))


def _takes_a_form(endpoint: str) -> bool:
    return not endpoint.startswith(("hooks.", "shop_deliveries.")) and not PERMISSIONS[endpoint].startswith(
        "api:"
    )


class Walk:
    """Send forms and check each response and what it left in the database."""

    def __init__(self, client: FlaskClient, tables: set[str]) -> None:
        self.client, self.tables = client, tables
        self.count = self.refused = self.kept = 0

    def send(self, address: str, words: str, sent: dict[str, Any]) -> TestResponse:
        self.tables.clear()
        answer = self.client.post(address, **sent)
        self.count += 1
        assert answer.status_code < 500, (address, words, text_of(answer))
        if answer.status_code >= 400:
            self.refused += 1
            may_write = NOTED | DRAFT if KEEPS_DRAFT.fullmatch(address) else NOTED
            assert self.tables <= may_write, (address, words, answer.status_code, self.tables)
            assert TOLD.search(answer.text) or answer.json, (address, words, answer.status_code)
        return answer

    def try_value(self, address: str, shown: dict[str, str], name: str, value: str) -> None:
        """Send one odd value among valid ones; if it is refused, the form must still hold the others."""
        if name != SEEN:
            # The form is sent as it was filled in: what other forms saved by now is not its concern here.
            shown = {other: text for other, text in shown.items() if other != SEEN}
        answer = self.send(address, f"{name}={value[:40]!r}", with_value(shown, name, value))
        again = [form.values for form in post_forms(answer.text) if address in form.addresses]
        if answer.status_code == 422 and again:
            lost = {other for other in shown if again[0].get(other, shown[other]) != shown[other]} - {name}
            if KEEPS_DRAFT.fullmatch(address):
                lost -= {"revision"}  # What was sent is kept as a draft, which is a newer one now.
            assert all(MADE_ANEW.fullmatch(other) for other in lost), (address, name, value[:40], lost)
            self.kept += 1


def test_no_form_fails_on_input_that_no_browser_sends(
    app: Flask, bloom: Store, rosa: User, as_ada: FlaskClient
) -> None:
    sign_in(app.test_client(), "rosa")
    ids = one_of_each(bloom, rosa)
    on_postgres = db.engine.dialect.name == "postgresql"
    # Each database starts at the other end of the values.
    values = cycle(VALUES[::-1] if on_postgres else VALUES)
    ada = db.session.query(User.id).filter_by(email="ada@bloom.example").scalar()
    by_address = forms(app, as_ada, ids)
    with changed_tables() as tables:
        walk = Walk(as_ada, tables)
        for address, shown in by_address.items():
            enter(as_ada, ada)
            for words, sent in bodies(shown):
                if not on_postgres or words in STORED:
                    walk.send(address, words, {**sent, "headers": HTMX})
            for name in shown:
                for value in islice(values, EACH):
                    walk.try_value(address, shown, name, value)
    assert len(by_address) > 100 and walk.count > (1000 if on_postgres else 3000), (
        len(by_address),
        walk.count,
    )
    assert walk.refused > walk.count / 4 and walk.kept > 50, (walk.refused, walk.kept)
