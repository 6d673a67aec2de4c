"""Pinned examples by the API: listed with their answers, and pinned with the scope for it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.example import Example
from automations.models.tables.people import Audit
from tests.kit import shop
from tests.web.api.conftest import Till, conforms, problems, till_of


@pytest.fixture
def here(app: Flask) -> str:
    automation = shop.draft_automation(
        "Big ones", "created", shop.condition("total", "greater_than", "40.00")
    )
    shop.place_order("0987", total=Decimal("32.50"))
    return f"/api/automations/{automation}/examples"


@pytest.fixture
def keeper(app: Flask) -> Till:
    return till_of(app, scope="examples:write")


def test_a_program_pins_an_entry_and_reads_the_answer(app: Flask, keeper: Till, here: str) -> None:
    given = {"occurrence_id": shop.occurrences()[-1].id, "must_fire": True, "note": "Small ones too"}
    conforms(given, "ExampleGiven")
    made = keeper.post(here, given)
    assert made.status_code == 201
    conforms(made.json, "ExampleAnswer")
    sentence = "#0987 must fire, but would not: total is £32.50, needs over £40.00."
    found = made.json["example"]
    assert [found[name] for name in ("state", "fires", "sentence", "note")] == [
        *("broken", False, sentence, "Small ones too")
    ]
    # The moment that is pinned already only changes what is expected; a later one is another.
    assert keeper.post(here, {"record": "0987", "must_fire": False}).json["example"]["state"] == "ok"
    assert keeper.post(here, given).json["example"]["state"] == "broken"
    shop.place_order("0987", note="Ring the bell")
    assert keeper.post(here, {"record": "0987", "must_fire": False}).json["example"]["state"] == "ok"
    listed = till_of(app, scope="automations:read").get(here).json
    conforms(listed, "ExampleList")
    assert [item["must_fire"] for item in listed["items"]] == [True, False]
    row = db.session.query(Audit).filter(Audit.action.contains("pinned")).first()
    assert row and row.user_id is None and "API key" in row.after["by"]


def test_what_is_wrong_is_named(app: Flask, keeper: Till, here: str) -> None:
    assert set(problems(keeper.post(here, {"record": "", "pin": 1}))) == {"must_fire", "record", "pin"}
    both = {"record": "0987", "occurrence_id": 1, "must_fire": True}
    assert set(problems(keeper.post(here, both))) == {"record"}
    for odd in ({"record": "404"}, {"occurrence_id": 404}):
        assert keeper.post(here, odd | {"must_fire": True}).status_code == 422
    assert keeper.raw(here, b"[1]").status_code == 400
    assert keeper.post("/api/automations/99/examples", {"record": "1", "must_fire": True}).status_code == 404
    reader = till_of(app, scope="automations:read")
    assert reader.post(here, {"record": "0987", "must_fire": True}).status_code == 403
    assert till_of(app, scope="write").get(here).status_code == 403
    assert db.session.query(Example).count() == 0


def test_a_program_changes_what_is_expected_and_removes_it(app: Flask, keeper: Till, here: str) -> None:
    pinned = {"occurrence_id": shop.occurrences()[-1].id, "must_fire": True, "note": "Small ones too"}
    example = f"{here}/{keeper.post(here, pinned).json['example']['id']}"
    conforms({"must_fire": False}, "ExampleChange")
    changed = keeper.patch(example, {"must_fire": False})
    conforms(changed.json, "ExampleAnswer")
    found = changed.json["example"]
    assert (found["must_fire"], found["state"], found["note"]) == (False, "ok", "Small ones too")
    assert keeper.patch(example, {"note": " None  yet "}).json["example"]["note"] == "None yet"
    for odd, names in (({}, {"must_fire"}), ({"must_fire": 1}, {"must_fire"}), ({"pin": 1}, {"pin"})):
        assert set(problems(keeper.patch(example, odd))) == names
    reader = till_of(app, scope="automations:read")
    assert (reader.patch(example, {"must_fire": True}).status_code, reader.delete(example).status_code) == (
        403,
        403,
    )
    elsewhere = till_of(app, "Thorn & Co", "examples:write")
    assert elsewhere.delete(example).status_code == keeper.delete(f"{here}/99").status_code == 404
    assert keeper.delete(example).status_code == 204
    assert keeper.get(here).json == {"items": []}
    assert keeper.delete(example).status_code == keeper.patch(example, {"note": "x"}).status_code == 404
    told = [
        row.action
        for row in db.session.query(Audit).filter(Audit.action.contains("example of")).order_by(Audit.id)
    ]
    assert told == ["pinned an example of", *["changed an example of"] * 2, "removed an example of"]
