"""A till with an API key, and helpers for its requests and responses."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from automations.models.access import api_keys
from automations.models.db.base import db, write
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.api.openapi import document
from tests.features.backtest import story
from tests.features.backtest.story import DELIVERY, over
from tests.kit import shop
from tests.world import NOW

PEOPLE = {"Bloom & Wild St": "ada@bloom.example", "Thorn & Co": "mallory@thorn.example"}


class Till:
    """An outside program that holds an API key."""

    def __init__(self, app: Flask, secret: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.secret = secret

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **how: Any) -> TestResponse:
        return self.client.open(path, method=method, headers=self.headers | (headers or {}), **how)

    def post(self, path: str, data: Any = None, headers: dict[str, str] | None = None) -> TestResponse:
        return self.send("POST", path, headers, json=data)

    def patch(self, path: str, data: Any) -> TestResponse:
        return self.send("PATCH", path, json=data)

    def delete(self, path: str, data: Any = None) -> TestResponse:
        return self.send("DELETE", path)

    def get(self, path: str) -> TestResponse:
        return self.send("GET", path)

    def raw(self, path: str, body: bytes, type: str = "application/json") -> TestResponse:
        return self.send("POST", path, data=body, content_type=type)


def till_of(app: Flask, store_name: str = "Bloom & Wild St", scope: str = "write") -> Till:
    with write() as session:
        store = session.scalars(sa.select(Store).where(Store.name == store_name)).one()
        user = session.scalars(sa.select(User).where(User.email == PEOPLE[store_name])).one()
        _, secret = api_keys.create(session, store, "Front desk till", scope, user, NOW)
    return Till(app, secret)


@pytest.fixture
def till(app: Flask) -> Till:
    return till_of(app)


@pytest.fixture
def reader(app: Flask) -> Till:
    """A program that may read about automations, and nothing else."""
    return till_of(app, scope="automations:read")


@pytest.fixture
def compared(bloom: Store) -> int:
    """The id of an automation whose draft differs from its live version, with a past to tell them apart."""
    customer = shop.place_customer("C-9", first_name="Bram", last_name="Hollis", email="bram@mail.example")
    story.pay_the_orders(customer.id)
    return story.live_and_draft(DELIVERY, over("40"))


def conforms(data: Any, name: str) -> None:
    """Assert that data is as a schema of the document says."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    jsonschema_rs.validator_for(schema).validate(data)


def count(table: str) -> int:
    db.session.rollback()
    return db.session.execute(sa.text(f'SELECT count(*) FROM "{table}"')).scalar() or 0


def problems(response: TestResponse) -> dict[str, str]:
    """Return a refusal's problems as path -> sentence."""
    assert response.mimetype == "application/problem+json", response.text
    assert response.json is not None and response.json["status"] == response.status_code
    return {error["path"]: error["detail"] for error in response.json["errors"]}
