"""Everything the engine and the actions offer can be chosen, drawn, saved and read back unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.actions import ACTIONS
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.operators import Operator
from automations.features.authoring import drafts
from automations.features.trial.trial_records import SAMPLES
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.custom_field import CustomField
from automations.models.tables.people import User
from automations.models.tables.segment import Segment
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import LATER
from tests.web.building import Form, an_automation, automation, opened, send
from tests.web.pages import signed_in, text_of
from tests.world import NOW

FIELDS = [
    (subject.key, field.key)
    for subject in SUBJECTS.values()
    for field in (*subject.fields.values(), *subject.line_fields.values())
]
TRIGGERS = [
    (subject.key, kind.key)
    for subject in SUBJECTS.values()
    for kind in subject.triggers.values()
    if not kind.segment
]
VALUES = {
    "number": ("2", "12.5"),
    "money": ("40.00", "86.50"),
    "date": ("2026-11-24", "2026-12-24"),
    "datetime": ("2026-11-24T10:00", "2026-12-24T10:00"),
    "time": ("09:00", "18:30"),
    "text": ("roses, red", "tulips"),
    "tags": ("vip", "regular"),
    "bool": ("yes", "no"),
}
TIMES_OF_ACTIONS: dict[str, dict[str, Any]] = {
    "after": {"amount": "2", "unit": "hours"},
    "date": {
        "amount": "1",
        "unit": "days",
        "direction": "before",
        "field": "delivery_date",
        "time": "09:00",
        "late": "send",
        "late_within": "2",
        "late_unit": "days",
    },
    "working_hours": {},
}


def entry_of(subject_key: str, field_key: str) -> Field:
    return SUBJECTS[subject_key].any_field(field_key)


def two_values(field: Field, words: StoreWords) -> list[str]:
    if field.reference:
        return [str(words.store_id) if field.reference == "store" else "1"] * 2
    if field.choices:
        return words.choices(field.choices)[:2]
    return list(field.labels)[:2] or list(VALUES[field.type])


def value_for(field: Field, operator: Operator, words: StoreWords) -> Any:
    first, second = two_values(field, words)
    many = [first] if first == second else [first, second]
    return {"none": None, "one": first, "two": [first, second], "many": many, "span": "7"}[operator.takes]


def every_operator(subject_key: str, field_key: str, words: StoreWords) -> Iterator[dict[str, Any]]:
    field = entry_of(subject_key, field_key)
    for operator in SUBJECTS[subject_key].operators_for(field_key):
        yield {"field": field_key, "operator": operator.key, "value": value_for(field, operator, words)}


@pytest.mark.parametrize(("subject", "field"), FIELDS)
def test_each_operator_of_each_field_has_a_control_that_shows_the_stored_value(
    client: FlaskClient, bloom: Store, rosa: User, subject: str, field: str
) -> None:
    words = StoreWords(db.session(), bloom)
    conditions: list[dict[str, Any]] = list(every_operator(subject, field, words))
    if field in SUBJECTS[subject].line_fields:
        conditions = [{"match": "line", "lines": "any", "conditions": conditions}]
    id = an_automation(bloom, rosa, subject=subject, trigger=CREATED, conditions=conditions)
    problems = drafts.problems(words, automation(id).draft)
    assert [problem for problem in problems if problem.path.startswith("conditions")] == []
    signed_in(client, "rosa")
    page = client.get(f"/automations/{id}")
    assert "(not in the list)" not in page.text.split("Then<")[0]
    assert send(client, f"/automations/{id}", Form(page)).status_code == 303
    assert automation(id).draft["conditions"] == conditions


NOTHING = {"key": None, "from": None, "to": None}
CREATED = {"key": "created", "from": None, "to": None}


@pytest.mark.parametrize(("subject", "kind"), TRIGGERS)
def test_each_trigger_is_chosen_completed_and_saved(
    client: FlaskClient, bloom: Store, rosa: User, subject: str, kind: str
) -> None:
    id = an_automation(bloom, rosa, subject=subject, trigger=NOTHING, conditions=[])
    signed_in(client, "rosa")
    path = f"/automations/{id}/draft-form"
    drawn = send(client, path, opened(client, id), **{"trigger-key": kind})
    form = Form(drawn)
    known_kind = SUBJECTS[subject].triggers[kind]
    assert known_kind.note in text_of(drawn)
    status = {"trigger-schedule-status": "unpaid", "trigger-schedule-status_field": "payment_status"}
    changes = status if known_kind.schedule == "stays_in_status" else {}
    send(client, f"/automations/{id}", form, **changes)
    saved = automation(id).draft
    assert saved["trigger"]["key"] == kind
    problems = drafts.problems(StoreWords(db.session(), bloom), saved)
    assert [problem for problem in problems if problem.path.startswith("trigger")] == []
    send(client, f"/automations/{id}", opened(client, id))
    assert automation(id).draft == saved


@pytest.mark.parametrize("field", ["delivery_type", "total", "tags"])
def test_a_changed_field_can_be_narrowed_if_it_is_a_list(
    client: FlaskClient, bloom: Store, rosa: User, field: str
) -> None:
    id = an_automation(bloom, rosa, trigger={"key": "field_changed", "from": None, "to": None}, conditions=[])
    signed_in(client, "rosa")
    form = opened(client, id)
    assert form.options["trigger-field"][0] == ("", "Any field") and "trigger-to" not in form.values
    form = Form(send(client, f"/automations/{id}/draft-form", form, **{"trigger-field": field}))
    assert ("trigger-to" in form.values) is (field == "delivery_type")
    send(client, f"/automations/{id}", form)
    assert automation(id).draft["trigger"]["field"] == field


def test_a_schedule_asks_for_the_day_it_needs(client: FlaskClient, bloom: Store, rosa: User) -> None:
    schedule = {"every": "day", "time": "09:00"}
    id = an_automation(
        bloom, rosa, trigger={"key": "scheduled", "from": None, "to": None, "schedule": schedule}
    )
    signed_in(client, "rosa")
    path, form = f"/automations/{id}/draft-form", opened(client, id)
    assert "trigger-schedule-weekday" not in form.values
    answer = send(client, path, form, **{"trigger-schedule-every": "week"})
    assert Form(answer).values["trigger-schedule-weekday"] == "monday"
    answer = send(client, path, Form(answer), **{"trigger-schedule-every": "month"})
    assert Form(answer).values["trigger-schedule-day"] == "1"
    assert "Europe/London" in text_of(answer) and "Next times" in text_of(answer)
    assert answer.text.count("<time") >= 3


def test_an_invalid_amount_of_time_is_kept_with_its_error(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    schedule = {"field": "delivery_date", "direction": "before", "amount": "lots", "unit": "days"}
    id = an_automation(
        bloom, rosa, trigger={"key": "date_reached", "from": None, "to": None, "schedule": schedule}
    )
    signed_in(client, "rosa")
    page = client.get(f"/automations/{id}")
    assert Form(page).values["trigger-schedule-amount"] == "lots"
    assert 'id="trigger-schedule-amount-error"' in page.text
    assert 'href="#trigger-schedule-amount"' in page.text


@pytest.mark.parametrize("kind", list(ACTIONS))
def test_each_kind_of_action_is_added_drawn_and_saved(
    client: FlaskClient, bloom: Store, rosa: User, kind: str
) -> None:
    id = an_automation(bloom, rosa, actions=[], conditions=[])
    signed_in(client, "rosa")
    path = f"/automations/{id}/draft-form"
    drawn = send(client, path, opened(client, id), edit="add-action", **{"action-kind": kind})
    form, fields = Form(drawn), {field.short_name for field in ACTIONS[kind].Form()}
    assert {f"actions-0-settings-{name}" for name in fields} <= set(form.values)
    outward = ACTIONS[kind].contacts_customer({"to": "customer", "channel": "email"})
    audience = "contacts the customer" if outward else "internal only"
    assert audience in text_of(drawn)
    texts = {f"actions-0-settings-{name}": f"Some {name}" for name in ACTIONS[kind].Form.template_fields}
    send(client, f"/automations/{id}", form, **texts)
    saved = automation(id).draft["actions"]
    chosen = {name for name in ACTIONS[kind].Form.optional if f"actions-0-settings-{name}" not in texts}
    assert saved[0]["kind"] == kind and set(saved[0]["settings"]) == fields - chosen
    assert all(saved[0]["settings"][name] == f"Some {name}" for name in ACTIONS[kind].Form.template_fields)
    send(client, f"/automations/{id}", opened(client, id))
    assert automation(id).draft["actions"] == saved


@pytest.mark.parametrize("when", LATER)
def test_the_timing_of_an_action_is_chosen_and_saved(
    client: FlaskClient, bloom: Store, rosa: User, when: str
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    path = f"/automations/{id}/draft-form"
    form = Form(send(client, path, opened(client, id), **{"actions-0-timing-when": when}))
    changes = {f"actions-0-timing-{part}": value for part, value in TIMES_OF_ACTIONS[when].items()}
    answer = send(client, f"/automations/{id}", form, **changes, **{"actions-0-timing-recheck": "no"})
    assert answer.status_code == 303
    expected = {"when": when, **TIMES_OF_ACTIONS[when], "recheck": False}
    assert automation(id).draft["actions"][0]["timing"] == expected
    assert drafts.problems(StoreWords(db.session(), bloom), automation(id).draft) == []
    form = opened(client, id)
    send(client, f"/automations/{id}", form, **{"actions-0-timing-when": "now"})
    assert "timing" not in automation(id).draft["actions"][0]


def test_caps_are_saved_described_and_checked(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    changes = {"caps-once_per_record": "yes", "caps-once_per_customer_days": "7", "caps-per_hour": "many"}
    send(client, f"/automations/{id}", opened(client, id), **changes)
    expected = {"once_per_record": True, "once_per_customer_days": 7, "per_hour": "many"}
    assert automation(id).draft["caps"] == expected
    page = client.get(f"/automations/{id}")
    assert "At most once for each order and once for a customer in 7 days" in text_of(page)
    assert 'id="caps-per_hour-error"' in page.text and Form(page).values["caps-per_hour"] == "many"
    send(client, f"/automations/{id}", Form(page), **dict.fromkeys(changes, ""))
    assert "caps" not in automation(id).draft


@pytest.mark.parametrize(
    ("subject", "sample"), [(subject, one.key) for subject, some in SAMPLES.items() for one in some]
)
def test_every_field_can_be_evaluated_on_each_sample(
    client: FlaskClient, bloom: Store, rosa: User, subject: str, sample: str
) -> None:
    words = StoreWords(db.session(), bloom)
    conditions = [next(every_operator(subject, key, words)) for key in SUBJECTS[subject].fields]
    id = an_automation(bloom, rosa, subject=subject, trigger=CREATED, conditions=conditions)
    signed_in(client, "rosa")
    answer = send(client, f"/automations/{id}/test-fires", opened(client, id), record=f"sample:{sample}")
    assert "It would" in text_of(answer) and "Could not be checked" not in text_of(answer)


@pytest.fixture
def own_fields(bloom: Store) -> None:
    labels = {"red": "Red", "white": "White"}
    rows = [("colour", "choice", labels), ("gift", "bool", {}), ("size", "number", {})]
    with write() as session:
        for key, type, own_labels in rows:
            values = {"store_id": bloom.id, "subject": "order", "key": key, "label": key.title()}
            session.add(CustomField(**values, type=type, labels=own_labels))


@pytest.mark.usefixtures("own_fields")
def test_custom_fields_are_offered_under_their_heading_and_saved(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    conditions = [
        {"field": "custom.colour", "operator": "is_one_of", "value": ["red"]},
        {"field": "custom.gift", "operator": "equals", "value": "yes"},
        {"field": "custom.size", "operator": "between", "value": ["1", "4"]},
    ]
    trigger = {"key": "field_changed", "from": None, "to": "red", "field": "custom.colour"}
    id = an_automation(bloom, rosa, trigger=trigger, conditions=conditions)
    page = signed_in(client, "rosa").get(f"/automations/{id}")
    assert '<optgroup label="Custom fields">' in page.text
    assert "order’s colour changes to Red" in text_of(page) and "Could not be checked" not in text_of(page)
    send(client, f"/automations/{id}", Form(page))
    saved = automation(id).draft
    assert (saved["conditions"], saved["trigger"]) == (conditions, trigger)
    assert drafts.problems(StoreWords(db.session(), bloom), saved) == []


@pytest.mark.parametrize(("kind", "side"), [("segment_entered", "to"), ("segment_left", "from")])
def test_a_segment_is_chosen_by_its_name(
    client: FlaskClient, bloom: Store, rosa: User, kind: str, side: str
) -> None:
    values = {"store_id": bloom.id, "name": "Regulars", "conditions": []}
    with write() as session:
        session.add(Segment(**values, created_at=NOW, updated_at=NOW))
    id = an_automation(bloom, rosa, subject="customer", trigger=CREATED, conditions=[])
    signed_in(client, "rosa")
    form = Form(send(client, f"/automations/{id}/draft-form", opened(client, id), **{"trigger-key": kind}))
    assert form.options[f"trigger-{side}"][1][1] == "Regulars"
    chosen = form.options[f"trigger-{side}"][1][0]
    send(client, f"/automations/{id}", form, **{f"trigger-{side}": chosen})
    assert automation(id).draft["trigger"] == {"key": kind, "from": None, "to": None, side: chosen}
    assert "the segment Regulars" in text_of(client.get(f"/automations/{id}"))
