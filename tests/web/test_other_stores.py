"""Every route with a record in its address answers 404 to the people of another store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.base import write
from automations.models.people import Membership, User
from automations.models.store import Store
from automations.web.permissions import PERMISSIONS
from tests.kit.one_of_each import one_of_each
from tests.web.pages import sign_in

#: Parts of an address that are no record.
NO_RECORD = {"filename", "name", "list_key", "plural", "token"}
#: Enough for a form to be looked at no further than whose record it is.
GIVEN = {"role": "viewer", "label": "Mine", "decision": "arrived"}


@pytest.fixture
def ids(app: Flask, bloom: Store, rosa: User) -> dict[str, Any]:
    """One record of Bloom & Wild St for each part of an address."""
    sign_in(app.test_client(), "rosa")
    return one_of_each(bloom, rosa)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Mallory, who may do everything in her own store."""
    with write() as session:
        mallory = session.query(User).filter_by(email="mallory@thorn.example").one()
        session.query(Membership).filter_by(user_id=mallory.id).update({"role": "admin"})
    return sign_in(app.test_client(), "mallory")


def addresses(app: Flask, ids: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of each page whose address names a record."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        parts = rule.arguments - NO_RECORD
        if not parts or PERMISSIONS[rule.endpoint].startswith("api:"):
            continue
        for plural in ("orders", "events"):
            values = {part: ids[part] for part in parts}
            if "plural" in rule.arguments:
                values["plural"] = plural
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, adapter.build(rule.endpoint, values)


def test_nobody_sees_or_touches_a_record_of_another_store(
    app: Flask, ids: dict[str, Any], stranger: FlaskClient
) -> None:
    walked = list(addresses(app, ids))
    assert len(walked) > 40
    for endpoint, method, address in walked:
        answer = stranger.open(address, method=method, data=GIVEN if method == "POST" else None)
        assert answer.status_code == 404, (endpoint, method, answer.status_code)


def test_the_same_addresses_are_there_for_the_stores_own_people(
    app: Flask, ids: dict[str, Any], as_ada: FlaskClient
) -> None:
    for endpoint, method, address in addresses(app, ids):
        # An occurrence is one of the order, and why-not asks about one automation.
        address = address.replace("/events/N-1/occurrences", "/orders/N-1/occurrences")
        if method == "GET":
            asked = as_ada.get(address, query_string={"automation": ids["automation_id"]})
            assert asked.status_code == 200, (endpoint, address)
