"""The builder's choice of what happens if a field in an action is empty, and what it says about holes."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.shop import email_to, place_order
from tests.web.building import HTMX, an_automation, automation, opened, published, send
from tests.web.pages import signed_in, text_of

NAME = "actions-0-when_empty"
COLLECTION = {"actions": [email_to(message="We come on {{ order.delivery_date }}.")], "conditions": []}
COUNTED = "Delivery date was empty for 2 of the last 2 orders."


def test_the_choice_is_offered_saved_and_shown_again(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, **COLLECTION)
    signed_in(client, "rosa")
    form = opened(client, id)
    assert [key for key, _ in form.options[NAME]] == ["", "skip"] and form.values[NAME] == ""
    send(client, f"/automations/{id}", form, **{NAME: "skip"})
    assert automation(id).draft["actions"][0]["when_empty"] == "skip"
    page = client.get(f"/automations/{id}")
    assert "email the customer unless a field in it is empty" in text_of(page)
    send(client, f"/automations/{id}", opened(client, id), **{NAME: ""})
    assert "when_empty" not in automation(id).draft["actions"][0]


def test_an_unknown_choice_is_kept_and_refused(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, **COLLECTION)
    signed_in(client, "rosa")
    refused = send(client, f"/automations/{id}/reviews", opened(client, id), **{NAME: "burn"})
    assert refused.status_code == 422
    assert "Choose what happens if a field in it is empty: do it anyway, or skip it." in text_of(refused)


def test_holes_are_named_while_building_when_tried_and_when_published(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    for number in ("1", "2"):
        place_order(number, customer_id=1, payment_status="paid")
    id = an_automation(bloom, rosa, **COLLECTION)
    signed_in(client, "rosa")
    form = opened(client, id)
    assert COUNTED in text_of(send(client, f"/automations/{id}/draft-form", form))
    assert COUNTED in text_of(client.post(f"/automations/{id}/past-checks", data=form.values, headers=HTMX))
    tried = send(client, f"/automations/{id}/test-fires", form, record="1")
    assert "Empty for this record: delivery date." in text_of(tried)
    published(client, id)
    assert f"Version 1 is published and live. {COUNTED}" in text_of(client.get(f"/automations/{id}"))
