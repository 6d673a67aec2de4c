"""The builder: what each choice offers, and that redrawing loses nothing typed."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from automations.engine.fields.subjects import SUBJECTS
from automations.models.db.base import write
from automations.models.tables.customer import Account
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.web.building import HTMX, Form, an_automation, automation, opened, send
from tests.web.pages import assert_fragment, signed_in, text_of
from tests.world import NOW

FIELDS = [
    (subject.key, field.key)
    for subject in SUBJECTS.values()
    if subject.triggers
    for field in subject.fields.values()
]
TYPES_OF_INPUT = {
    "number": "text",
    "money": "text",
    "date": "date",
    "datetime": "datetime-local",
    "tags": "text",
    "text": "text",
    "time": "time",
}


def condition(
    field: str | None, operator: str | None = None, value: str | None = None
) -> dict[str, str | None]:
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(("subject", "field"), FIELDS)
def test_each_field_offers_only_its_operators_and_a_control_that_fits(
    client: FlaskClient, bloom: Store, rosa: User, subject: str, field: str
) -> None:
    id = an_automation(bloom, rosa, subject=subject, conditions=[condition(None)])
    signed_in(client, "rosa")
    answer = send(
        client, f"/automations/{id}/draft-form", opened(client, id), **{"conditions-0-field": field}
    )
    form = Form(answer)
    entry = SUBJECTS[subject].fields[field]
    offered = [(operator.key, operator.label) for operator in SUBJECTS[subject].operators_for(entry)]
    assert form.options["conditions-0-operator"] == offered
    assert form.values["conditions-0-operator"] == offered[0][0]
    if entry.choices or entry.reference or entry.labels or entry.type == "bool":
        labels = [label for _, label in form.options["conditions-0-value"]]
        assert labels[0] == "Choose…" and len(labels) > 1
    else:
        tag = re.search(r'<input[^>]*name="conditions-0-value"[^>]*>', answer.text)
        assert tag and f'type="{TYPES_OF_INPUT[entry.type]}"' in tag[0]
        assert (entry.type == "money") == ('<span class="input-group-text">£</span>' in answer.text)


def test_an_operator_without_a_value_hides_the_control_and_keeps_its_value(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=[condition("account", "equals", "1")])
    signed_in(client, "rosa")
    form = Form(
        send(
            client,
            f"/automations/{id}/draft-form",
            opened(client, id),
            **{"conditions-0-operator": "is_empty"},
        )
    )
    assert "conditions-0-value" not in form.options and form.values["conditions-0-value"] == "1"
    back = Form(send(client, f"/automations/{id}/draft-form", form, **{"conditions-0-operator": "equals"}))
    assert back.values["conditions-0-value"] == "1"


def test_redrawing_answers_htmx_with_the_rule_and_the_rail(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    answer = client.post(f"/automations/{id}/draft-form", data=opened(client, id).values, headers=HTMX)
    for part in ("form", "rule", "rail", "conditions-0", "conditions-1", "action-0", "try"):
        assert_fragment(answer, f"#automation-{id}-{part}")
    assert "Every time an order’s payment status changes" in text_of(answer)


def test_redrawing_stores_nothing(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    before = automation(id).draft
    signed_in(client, "rosa")
    send(client, f"/automations/{id}/draft-form", opened(client, id), edit="remove-condition-0")
    assert automation(id).draft == before and automation(id).revision == 1


def test_conditions_and_actions_are_added_moved_and_removed(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    path = f"/automations/{id}/draft-form"
    form = Form(send(client, path, opened(client, id), edit="add-condition"))
    assert form.values["conditions-2-field"] == ""
    form = Form(send(client, path, form, edit="remove-condition-0"))
    assert form.values["conditions-0-field"] == "payment_status" and "conditions-2-field" not in form.values
    form = Form(send(client, path, form, edit="add-action"))
    form = Form(send(client, path, form, edit="up-action-1", **{"actions-1-settings-subject": "Second"}))
    assert form.values["actions-0-settings-subject"] == "Second"
    form = Form(send(client, path, form, edit="remove-action-1"))
    assert "actions-1-settings-subject" not in form.values


@pytest.mark.parametrize(
    "edit", ["remove-condition-77", "up-action-0", "down-action-9", "drop-table", "edit", ""]
)
def test_an_unknown_edit_changes_nothing(client: FlaskClient, bloom: Store, rosa: User, edit: str) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    before = opened(client, id)
    answer = send(client, f"/automations/{id}/draft-form", before, edit=edit)
    assert answer.status_code == 200 and Form(answer).values == before.values


def test_changing_the_model_keeps_and_reports_conditions_that_do_not_fit(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    answer = send(client, f"/automations/{id}/draft-form", opened(client, id), subject="event")
    form = Form(answer)
    assert form.values["conditions-0-field"] == "fulfilment_method"
    assert form.values["conditions-0-value"] == "delivery"
    assert form.values["conditions-1-value"] == "paid"
    problem = "“Fulfilment method” is not a field of Event: choose another or remove this condition."
    assert problem in text_of(answer)
    assert Form(send(client, f"/automations/{id}/draft-form", form, subject="order")).values[
        "conditions-0-value"
    ]


def test_changing_the_trigger_clears_only_values_it_cannot_be_narrowed_by(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, trigger={"key": "payment_status_changed", "from": None, "to": "paid"})
    signed_in(client, "rosa")
    form = Form(
        send(client, f"/automations/{id}/draft-form", opened(client, id), **{"trigger-key": "status_changed"})
    )
    assert form.values["trigger-to"] == ""
    assert ("confirmed", "Confirmed") in form.options["trigger-to"]


def test_every_link_of_the_checks_has_a_target(client: FlaskClient, bloom: Store, rosa: User) -> None:
    rows = [
        condition(None),
        condition("total"),
        condition("tags", "contains"),
        condition("fulfilment_method"),
    ]
    actions = [
        {"kind": "send_email", "settings": {"to": "address"}},
        {"kind": "gone", "settings": {"a": "b"}},
    ]
    id = an_automation(
        bloom, rosa, trigger={"key": None, "from": None, "to": None}, conditions=rows, actions=actions
    )
    page = signed_in(client, "rosa").get(f"/automations/{id}").text
    targets = set(re.findall(r'href="#([a-z0-9-]+)"', page)) - {"main"}
    assert len(targets) > 6
    assert not {target for target in targets if f'id="{target}"' not in page}


def test_an_action_that_no_longer_exists_is_shown_and_kept(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, actions=[{"kind": "carrier_pigeon", "settings": {"bird": "Pip"}}])
    signed_in(client, "rosa")
    assert "An action that no longer exists" in text_of(client.get(f"/automations/{id}"))
    send(client, f"/automations/{id}", opened(client, id))
    assert automation(id).draft["actions"] == [{"kind": "carrier_pigeon", "settings": {"bird": "Pip"}}]


def test_many_accounts_are_searched_by_name(client: FlaskClient, bloom: Store, rosa: User) -> None:
    with write() as session:
        session.add_all(Account(store_id=bloom.id, name=f"Client {n:03}", created_at=NOW) for n in range(60))
    id = an_automation(bloom, rosa, conditions=[condition("account", "equals", "1")])
    signed_in(client, "rosa")
    form = opened(client, id)
    assert form.values["conditions-0-search"] == "Grand Hotel" and "conditions-0-value" not in form.values
    answer = send(client, f"/automations/{id}/draft-form", form, **{"conditions-0-search": "client 01"})
    assert '<option value="Client 015">' in answer.text and '<option value="Client 020">' not in answer.text
    assert Form(answer).values["conditions-0-search"] == "client 01"
    send(client, f"/automations/{id}", form, **{"conditions-0-search": "client 015"})
    assert automation(id).draft["conditions"][0]["value"].isdecimal()
    assert opened(client, id).values["conditions-0-search"] == "Client 015"


def test_labels_are_accepted_like_keys(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    send(client, f"/automations/{id}", opened(client, id), **{"conditions-1-value": "partially PAID"})
    assert automation(id).draft["conditions"][1]["value"] == "partially_paid"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [("delivery_date", "someday", "text"), ("delivery_date", "2026-12-24", "date")],
)
def test_a_date_that_cannot_be_read_stays_visible(
    client: FlaskClient, bloom: Store, rosa: User, field: str, value: str, shown: str
) -> None:
    id = an_automation(bloom, rosa, conditions=[condition(field, "equals", value)])
    page = signed_in(client, "rosa").get(f"/automations/{id}").text
    tag = re.search(r'<input[^>]*name="conditions-0-value"[^>]*>', page)
    assert tag and f'value="{value}"' in tag[0] and f'type="{shown}"' in tag[0]


def test_the_address_field_is_shown_when_an_address_is_chosen(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    before = client.get(f"/automations/{id}").text
    assert re.search(r'<input type="hidden" name="actions-0-settings-address"', before)
    answer = send(
        client, f"/automations/{id}/draft-form", opened(client, id), **{"actions-0-settings-to": "address"}
    )
    assert 'for="actions-0-settings-address"' in answer.text
