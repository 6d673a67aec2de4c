"""The segment builder: its conditions, and counting the customers who meet them while editing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.features.audience import match_count
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.web.building import HTMX, Form
from tests.web.pages import assert_fragment, text_of
from tests.world import NOW

NESTED: list[dict[str, Any]] = [
    {"field": "marketing_consent", "operator": "equals", "value": "yes"},
    {
        "match": "any",
        "conditions": [
            {"field": "tags", "operator": "contains", "value": "vip"},
            {
                "match": "none",
                "conditions": [{"field": "last_order_date", "operator": "within_last", "value": "90"}],
            },
        ],
    },
]


def post(client: FlaskClient, path: str, form: Form, headers: Any = None, **changes: Any) -> TestResponse:
    return client.post(path, data=form.values.to_dict(flat=False) | changes, headers=headers)


def redrawn(client: FlaskClient, form: Form, edit: str = "", **changes: Any) -> Form:
    return Form(post(client, "/segments/draft-form", form, edit=edit, **changes))


def only_segment() -> Segment:
    db.session.rollback()
    return db.session.query(Segment).one()


def test_a_segment_is_built_from_dropdowns_without_typing_keys(as_rosa: FlaskClient) -> None:
    own_field("Birthday", "date", "customer")
    shop.place_customer("C-9", tags=["vip"], marketing_consent=True)
    form = Form(as_rosa.get("/segments/new"))
    fields = dict(form.options["conditions-0-field"])
    assert {"tags", "order_count", "account", "custom.birthday"} <= fields.keys()
    assert not any(key.startswith("now.") for key in fields)
    form = redrawn(as_rosa, form, **{"conditions-0-field": "marketing_consent"})
    assert form.options["conditions-0-value"][1:] == [("yes", "Given"), ("no", "Not given")]
    form = redrawn(as_rosa, form, "add-group", **{"conditions-0-value": "yes"})
    assert form.values["conditions-1-match"] == "any"
    form = redrawn(as_rosa, form, "add-group-1", **{"conditions-1-conditions-0-field": "account"})
    assert [label for _, label in form.options["conditions-1-conditions-0-value"]][1:] == ["Grand Hotel"]
    form = redrawn(as_rosa, form, "remove-condition-1-0")
    form = redrawn(as_rosa, form, "remove-condition-1-0", **{"conditions-1-conditions-0-field": "tags"})
    form = redrawn(as_rosa, form, "remove-condition-1-0-1", **{"conditions-1-conditions-0-match": "none"})
    last = {"conditions-1-conditions-0-conditions-0-field": "tags", "name": "Quiet ones"}
    form = redrawn(as_rosa, form, **last)
    typed = {"conditions-1-conditions-0-conditions-0-value": "trade"}
    assert post(as_rosa, "/segments", form, **typed).status_code == 303
    segment = only_segment()
    assert segment.name == "Quiet ones"
    trade = {"field": "tags", "operator": "contains", "value": "trade"}
    assert segment.conditions == [
        NESTED[0],
        {"match": "any", "conditions": [{"match": "none", "conditions": [trade]}]},
    ]
    assert db.session.query(SegmentMember).count() == 1


def test_a_segment_with_groups_is_saved_unchanged(as_rosa: FlaskClient, bloom: Store) -> None:
    segment_id = _segment(bloom, NESTED)
    page = as_rosa.get(f"/segments/{segment_id}")
    assert 'aria-label="Group 2.2"' in page.text
    assert post(as_rosa, f"/segments/{segment_id}", Form(page)).status_code == 303
    assert only_segment().conditions == NESTED
    words = text_of(as_rosa.get("/segments"))
    assert "VIP" in words or "vip" in words


def test_matching_customers_are_counted_while_editing(as_rosa: FlaskClient) -> None:
    for place in range(3):
        shop.place_customer(f"V-{place}", tags=["vip"])
    form = Form(as_rosa.get("/segments/new"))
    assert "Finish the conditions" in text_of(as_rosa.get("/segments/new"))
    form = redrawn(as_rosa, form, **{"conditions-0-field": "tags"})
    answer = post(as_rosa, "/segments/draft-form", form, HTMX, **{"conditions-0-value": "vip"})
    assert_fragment(answer, "#segment-new-rail")
    assert "3 of all 5 customers" in text_of(answer)


def test_only_the_latest_customers_are_counted_when_there_are_many(
    as_rosa: FlaskClient, monkeypatch: Any
) -> None:
    monkeypatch.setattr(match_count, "LOOKED_AT", 2)
    shop.place_customer("V-1", tags=["vip"])
    form = redrawn(as_rosa, Form(as_rosa.get("/segments/new")), **{"conditions-0-field": "tags"})
    answer = post(as_rosa, "/segments/draft-form", form, **{"conditions-0-value": "vip"})
    assert "1 of the latest 2 customers" in text_of(answer)


def test_a_segment_without_conditions_holds_every_customer(as_rosa: FlaskClient) -> None:
    form = redrawn(as_rosa, Form(as_rosa.get("/segments/new")), "remove-condition-0")
    answer = post(as_rosa, "/segments/draft-form", form)
    words = text_of(answer)
    assert "No conditions: every customer belongs to it." in words and "2 of all 2 customers" in words
    assert post(as_rosa, "/segments", form, name="All").status_code == 303
    assert "every customer" in text_of(as_rosa.get("/segments"))
    assert as_rosa.get(f"/segments/{only_segment().id}").status_code == 200


def test_errors_appear_in_their_place_and_nothing_typed_is_lost(as_rosa: FlaskClient) -> None:
    form = redrawn(as_rosa, Form(as_rosa.get("/segments/new")), **{"conditions-0-field": "order_count"})
    answer = post(as_rosa, "/segments", form, **{"conditions-0-value": "many", "name": ""})
    assert answer.status_code == 422
    words = text_of(answer)
    assert "Give the segment a name" in words and "needs a number" in words
    assert Form(answer).values["conditions-0-value"] == "many"
    assert db.session.query(Segment).count() == 0


def test_an_error_names_an_example_as_the_store_writes_it(as_rosa: FlaskClient, bloom: Store) -> None:
    bloom.language = "de-DE"
    db.session.commit()
    form = redrawn(as_rosa, Form(as_rosa.get("/segments/new")), **{"conditions-0-field": "order_count"})
    words = text_of(post(as_rosa, "/segments", form, **{"conditions-0-value": "viel", "name": "VIP"}))
    assert "needs a number such as 40,00, not “viel”" in words


def test_a_forged_field_of_the_moment_is_refused(as_rosa: FlaskClient) -> None:
    forged = {"name": "Morning", "conditions-0-field": "now.weekday"}
    forged |= {"conditions-0-operator": "equals", "conditions-0-value": "monday", "subject": "order"}
    answer = as_rosa.post("/segments", data=forged)
    assert answer.status_code == 422 and "can’t depend on the time of day" in text_of(answer)


def test_only_editors_can_build_a_segment_and_only_in_their_store(
    as_finn: FlaskClient, as_mallory: FlaskClient, bloom: Store
) -> None:
    segment_id = _segment(bloom, NESTED)
    assert as_finn.post("/segments/draft-form").status_code == 403
    assert as_mallory.post(f"/segments/{segment_id}/draft-form").status_code == 404


def _segment(store: Store, conditions: list[dict[str, Any]]) -> int:
    row = Segment(store_id=store.id, name="Best", conditions=conditions, created_at=NOW, updated_at=NOW)
    row.refreshed_on = dt.date(2026, 11, 22)
    db.session.add(row)
    db.session.commit()
    StoreWords(db.session(), store)
    return row.id
