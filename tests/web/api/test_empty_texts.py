"""An empty text from outside says nothing: it erases nothing that is known. Only null empties a field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.engine.fields.subjects import SUBJECTS
from automations.pipeline.intake.composite_types import PERSON
from automations.pipeline.intake.field_types import TextType
from automations.pipeline.intake.record_schema import FIELDS
from tests.kit import shop
from tests.web.api.conftest import Till
from tests.web.api.test_inbound_webhooks import Service, service

__all__ = ["service"]
EMPTY = ("", " ", "\t\n", "\u00a0")
PLURALS = {key: f"{key}s" for key in SUBJECTS}
KNOWN = {"number": "X-1", "email": "eva@web.example"}


def text_fields() -> Iterator[tuple[str, str]]:
    for subject, fields in FIELDS.items():
        for name, kind in fields.items():
            if isinstance(kind, TextType):
                yield subject, name


def known(subject: str, name: str) -> dict[str, Any]:
    """A record of the subject whose field `name` says something."""
    identity = {"number": "X-1"} | ({"email": "eva@web.example"} if subject == "customer" else {})
    return {name: "+44 20 7946 0001" if name == "phone" else "as it was"} | identity


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize(("subject", "name"), text_fields())
def test_no_text_is_erased_by_an_empty_one(till: Till, subject: str, name: str, empty: str) -> None:
    address = f"/api/{PLURALS[subject]}"
    record = till.post(address, known(subject, name)).json["record"]
    for answer in (
        till.post(address, {"number": "X-1", name: empty}),
        till.patch(f"{address}/X-1", {name: empty}),
    ):
        assert answer.status_code == 200 and answer.json["triggers"] == []
        assert answer.json["record"][name] == record[name] != ""


@pytest.mark.parametrize(("subject", "name"), text_fields())
def test_null_empties_it(till: Till, subject: str, name: str) -> None:
    address = f"/api/{PLURALS[subject]}"
    till.post(address, known(subject, name))
    assert till.patch(f"{address}/X-1", {name: None}).json["record"][name] == ""


@pytest.mark.parametrize("subject", ["order", "event"])
def test_a_known_customer_who_orders_again_with_empty_boxes_keeps_all(till: Till, subject: str) -> None:
    eva = {"email": "eva@web.example", "first_name": "Eva", "last_name": "Lind", "phone": "+44 20 7946 0001"}
    till.post("/api/customers", eva | {"number": "C-1"})
    texts = [name for name, kind in PERSON.items() if isinstance(kind, TextType) and name != "email"]
    assert {"first_name", "last_name", "phone"} <= set(texts)
    customer = {"email": "EVA@web.example"} | dict.fromkeys(texts, "")
    till.post(f"/api/{PLURALS[subject]}", {"number": "X-1", "customer": customer})
    record = till.get("/api/customers/C-1").json["record"]
    assert {name: record[name] for name in eva} == eva


def test_a_known_customer_named_by_number_keeps_their_email(till: Till) -> None:
    till.post("/api/customers", {"number": "C-1", "email": "eva@web.example"})
    till.post("/api/orders", {"customer": {"number": "C-1", "email": ""}})
    assert till.get("/api/customers/C-1").json["record"]["email"] == "eva@web.example"


@pytest.mark.parametrize("empty", EMPTY)
def test_a_stores_own_field_is_kept_too(till: Till, as_rosa: FlaskClient, empty: str) -> None:
    for label, type in (("Colour", "text"), ("Birthday", "date")):
        form = {"subject": "customer", "label": label, "type": type, "choices": ""}
        assert as_rosa.post("/settings/fields", data=form).status_code == 303
    own = {"colour": "Red", "birthday": "1990-05-01"}
    till.post("/api/customers", {"number": "C-1", "custom": own})
    answer = till.patch("/api/customers/C-1", {"custom": dict.fromkeys(own, empty)})
    assert answer.json["triggers"] == [] and answer.json["record"]["custom"] == own
    emptied = till.patch("/api/customers/C-1", {"custom": {"colour": None}})
    assert "colour" not in emptied.json["record"]["custom"]


def test_a_signed_webhook_erases_nothing_either(service: Service) -> None:
    shop.place_customer("C-1", email="eva@web.example", first_name="Eva", phone="+44 20 7946 0001")
    customer = {"email": "eva@web.example", "first_name": "", "last_name": "", "phone": ""}
    body = {"type": "order.created", "data": {"number": "W-1", "note": "", "customer": customer}}
    answer = service.tell(json.dumps(body).encode())
    assert answer.status_code == 201
    assert shop.occurrences()[-1].snapshot["customer"]["first_name"] == "Eva"


def test_a_name_of_a_line_still_has_to_say_something(till: Till) -> None:
    line = {"name": "", "sku": "", "category": "", "unit_price": "1.00"}
    answer = till.post("/api/orders", {"lines": [line]})
    assert answer.status_code == 422 and answer.json["errors"][0]["path"] == "lines.0.name"
