"""Holes in a message are seen before it is sent: on the record it is tried on, and in the latest records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Flask

from automations.features.trial import empty_lately, trial, trial_records
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from tests.kit.own_fields import own_field
from tests.kit.shop import condition, email_to, place_event, place_order

DATE = "{{ order.delivery_date }}"
JUNE = dt.date(2027, 6, 14)


def draft(*actions: dict[str, Any], conditions: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    trigger = {"key": "created", "from": None, "to": None}
    return {"subject": "order", "trigger": trigger, "conditions": conditions or [], "actions": list(actions)}


def sentences(store: Store, data: Mapping[str, Any]) -> list[str]:
    words = StoreWords(db.session(), store)
    return [one.sentence for one in empty_lately.empty_lately(db.session(), store, words, data, ())]


def place(count: int, start: int = 0, **values: Any) -> None:
    for number in range(start, start + count):
        place_order(str(number), customer_id=1, **values)


def test_each_field_that_was_empty_is_named_with_how_often(app: Flask, bloom: Store) -> None:
    place(12)
    place(95, 12, delivery_date=JUNE)
    data = draft(email_to(message=f"{DATE} {{{{ order.note }}}} {{{{ customer.phone }}}}"))
    assert sentences(bloom, data) == [
        "Note was empty for 100 of the last 100 orders.",
        "Delivery date was empty for 5 of the last 100 orders.",
    ]


def test_only_records_that_fit_are_counted(app: Flask, bloom: Store) -> None:
    place(2, fulfilment_method="delivery")
    place(1, 2, fulfilment_method="delivery", delivery_date=JUNE)
    place(4, 3, fulfilment_method="collection")
    data = draft(
        email_to(message=f"On {DATE}."), conditions=[condition("fulfilment_method", "equals", "delivery")]
    )
    assert sentences(bloom, data) == ["Delivery date was empty for 2 of the last 3 orders that fit."]


def test_a_record_without_the_date_that_it_waits_for_is_not_counted(app: Flask, bloom: Store) -> None:
    place(3)
    place(2, 3, delivery_date=JUNE)
    schedule = {
        "field": "delivery_date",
        "direction": "before",
        "amount": "1",
        "unit": "days",
        "time": "09:00",
    }
    data = draft(email_to(message=f"{DATE} {{{{ order.note }}}}"))
    data["trigger"] = {"key": "date_reached", "from": None, "to": None, "schedule": schedule}
    assert sentences(bloom, data) == ["Note was empty for 2 of the last 2 orders."]


def test_what_an_earlier_action_fills_in_is_not_called_empty(app: Flask, bloom: Store) -> None:
    place(2)
    change = {"kind": "change_data", "settings": {"field": "note", "value": "Left at the door"}}
    text = email_to(message="Hello {{ order.note }} {{ order.delivery_date }}")
    assert sentences(bloom, draft(change, text)) == ["Delivery date was empty for 2 of the last 2 orders."]
    assert len(sentences(bloom, draft(text, change))) == 2


def test_own_fields_are_quoted_and_fields_of_lines_are_called_by_their_names(
    app: Flask, bloom: Store
) -> None:
    own_field("For")
    place(1, lines=[{"sku": "", "name": "Roses", "category": "", "quantity": 1, "unit_price": "2.00"}])
    loop = "{% for line in order.lines %}{{ line.sku }}{% endfor %}"
    data = draft(email_to(message=f"Hello {{{{ order.custom['for'] }}}} {loop}"))
    assert sorted(sentences(bloom, data)) == [
        "SKU of a line was empty for 1 of the last 1 orders.",
        "“For” was empty for 1 of the last 1 orders.",
    ]


def test_an_action_that_is_skipped_then_says_so(app: Flask, bloom: Store) -> None:
    place(1)
    data = draft(email_to(message=f"On {DATE}") | {"when_empty": "skip"})
    assert sentences(bloom, data) == [
        "Delivery date was empty for 1 of the last 1 orders. This action is skipped for those."
    ]


def test_what_is_provided_for_and_what_is_not_sent_at_all_is_no_hole(app: Flask, bloom: Store) -> None:
    place(2)
    assert (
        sentences(bloom, draft(email_to(message=f"{{% if order.delivery_date %}}{DATE}{{% endif %}}."))) == []
    )
    db.session.rollback()
    nobody = draft(email_to(message=f"On {DATE}"))
    place_order("900")
    assert sentences(bloom, nobody) == ["Delivery date was empty for 2 of the last 3 orders."]


def test_events_and_other_stores_do_not_count(app: Flask, bloom: Store) -> None:
    place_event("E-1")
    place_order("1", "Thorn & Co")
    assert sentences(bloom, draft(email_to(message=f"On {DATE}."))) == []


def test_the_answers_of_earlier_actions_are_not_there_yet(app: Flask, bloom: Store) -> None:
    place(1, delivery_date=JUNE)
    assert sentences(bloom, draft(email_to(message="Code {{ answers.1.code }}"))) == []


def test_the_test_fire_names_what_is_empty_for_its_record(app: Flask, bloom: Store) -> None:
    words = StoreWords(db.session(), bloom)
    snapshot = trial_records.sample_snapshot(bloom, "order", "paid_collection")
    assert snapshot
    actions = [email_to(message=f"On {DATE}"), email_to(message=f"On {DATE}") | {"when_empty": "skip"}]
    sent, skipped = trial.test_fire(db.session(), bloom, words, draft(*actions), snapshot).steps
    assert sent.empty == ("delivery date",) and sent.messages
    assert skipped.messages == () and skipped.skipped.startswith("The delivery date is empty")
