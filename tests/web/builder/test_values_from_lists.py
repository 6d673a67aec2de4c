"""The new value of "change data": a list where the store has one, a text where fields are wanted."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.actions import ACTIONS
from automations.models.db.base import db
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.builder.action_lists import WITH_FIELDS
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.kit.pages.plain_browser import PlainBrowser
from tests.web.building import Form, an_automation, automation

VALUE = "actions-0-settings-value"


def change(field: str, value: str) -> dict[str, Any]:
    """Return an action that changes a field."""
    return {"kind": "change_data", "settings": {"field": field, "value": value}}


def opened(client: FlaskClient, id: int) -> Form:
    """Return the builder's form as a browser reads it."""
    return Form(client.get(f"/automations/{id}"))


@pytest.mark.parametrize("stored", ["Confirmed", "confirmed", "CONFIRMED"])
def test_a_status_is_chosen_from_the_stores_list_and_stays_as_it_was_written(
    as_rosa: FlaskClient, bloom: Store, rosa: User, stored: str
) -> None:
    id = an_automation(bloom, rosa, actions=[change("status", stored)])
    form = opened(as_rosa, id)
    labels = [label for _, label in form.options[VALUE]]
    assert labels[0] == "Choose…" and labels[-1] == WITH_FIELDS and {"Confirmed", "Cancelled"} < {*labels}
    assert form.values[VALUE] == stored
    as_rosa.post(f"/automations/{id}", data=form.values)
    assert automation(id).draft["actions"][0]["settings"]["value"] == stored


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [("customer.marketing_consent", "given", "given"), ("payment_status", "Paid", "Paid")],
)
def test_consent_and_other_lists_are_chosen_too(
    as_rosa: FlaskClient, bloom: Store, rosa: User, field: str, value: str, label: str
) -> None:
    id = an_automation(bloom, rosa, actions=[change(field, value)])
    form = opened(as_rosa, id)
    assert (value, label) in form.options[VALUE] and form.values[VALUE] == value


def test_a_value_that_left_the_list_stays_and_is_named(
    as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, actions=[change("status", "Wrapped")])
    form = opened(as_rosa, id)
    assert ("Wrapped", "“Wrapped” (not in the list)") in form.options[VALUE]
    assert form.values[VALUE] == "Wrapped"


def test_a_text_with_fields_is_written_and_emptied_it_is_a_list_again(
    as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, actions=[change("status", "Confirmed")])
    browser = PlainBrowser(as_rosa)
    browser.goto(f"/automations/{id}")
    browser.put("To", WITH_FIELDS, "Then")
    browser.press("Update choices")
    assert browser.value("To", "Then") == "{{ order.status }}"
    assert "Empty it to choose from the list again." in browser.words
    assert "Ready to publish." in browser.words
    browser.put("To", "", "Then")
    browser.press("Update choices")
    assert "Confirmed" in browser.offered("To", "Then")


def test_what_is_no_list_is_typed(as_rosa: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, actions=[change("tags.add", "VIP")])
    form = opened(as_rosa, id)
    assert VALUE not in form.options and form.values[VALUE] == "VIP"


FOLDED = "More settings"


def test_the_rarer_fields_of_a_request_are_folded_until_one_says_something(
    as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    plain = {"method": "GET", "url": "https://courier.example/jobs", "body_kind": "none", "body": ""}
    for more, is_open in (({}, False), ({"headers": "Accept: text/plain"}, True), ({"status": "4000"}, True)):
        request = {"kind": "http_request", "settings": plain | more}
        id = an_automation(bloom, rosa, f"Ask {more}", actions=[request])
        page = as_rosa.get(f"/automations/{id}").text
        start = page.index(f"<summary>{FOLDED}")
        opening = page[page.rindex("<details", 0, start) : start]
        assert (" open" in opening) is is_open
        folded = page[start : page.index("</section>", start)]
        assert all(f"settings-{name}" in folded for name in ACTIONS["http_request"].Form.folded)
        assert "settings-url" not in folded


def test_opening_and_saving_a_request_changes_nothing(as_rosa: FlaskClient, bloom: Store) -> None:
    settings = {f.short_name: f.data or "" for f in ACTIONS["http_request"].Form()}
    action = {
        "kind": "http_request",
        "settings": settings | {"url": "https://courier.example", "body_kind": "none"},
    }
    id = shop.publish_automation("Ask", "created", actions=[action])
    before = automation(id).draft
    as_rosa.post(f"/automations/{id}", data=opened(as_rosa, id).values)
    assert automation(id).draft == before


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("1.234,50", "1234.50", "1234,50"),
        ("1234.50", "1234.50", "1234,50"),
        ("{{ order.total }}", None, None),
        ("viel", None, None),
    ],
)
def test_an_amount_is_typed_as_the_store_writes_it(
    as_rosa: FlaskClient, bloom: Store, rosa: User, typed: str, kept: str | None, shown: str | None
) -> None:
    bloom.language = "de-DE"
    db.session.commit()
    own_field("Deposit", "money")
    id = an_automation(bloom, rosa, actions=[change("custom.deposit", "")])
    form = opened(as_rosa, id)
    form.values[VALUE] = typed
    as_rosa.post(f"/automations/{id}", data=form.values)
    assert automation(id).draft["actions"][0]["settings"]["value"] == (kept or typed)
    assert opened(as_rosa, id).values[VALUE] == (shown or typed)
