"""Groups of conditions: “or” groups, conditions on order lines, and nesting, built with buttons."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.web.building import HTMX, Form, an_automation, automation, opened, send
from tests.web.pages import assert_fragment, signed_in, text_of

EMPTY = {"field": None, "operator": None, "value": None}
DELIVERY = {"field": "fulfilment_method", "operator": "equals", "value": "delivery"}
BOUQUET = {"field": "line.category", "operator": "equals", "value": "Bouquets"}
NESTED: list[dict[str, Any]] = [
    DELIVERY,
    {
        "match": "any",
        "conditions": [
            {"field": "total", "operator": "between", "value": ["40.00", "80.00"]},
            {
                "match": "none",
                "conditions": [{"field": "customer.tags", "operator": "contains", "value": "vip"}],
            },
            {"match": "line", "lines": "all", "conditions": [BOUQUET]},
        ],
    },
    {"match": "line", "lines": "none", "conditions": [BOUQUET, BOUQUET]},
]


def submit_edit(client: FlaskClient, id: int, form: Form, edit: str, **changes: Any) -> Form:
    return Form(send(client, f"/automations/{id}/draft-form", form, edit=edit, **changes))


def test_nested_groups_are_drawn_and_saved_unchanged(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, conditions=NESTED)
    page = signed_in(client, "rosa").get(f"/automations/{id}")
    assert 'aria-label="Group 2.2"' in page.text and ">or<" in page.text and ">and<" in page.text
    assert "Condition 2.3.1 field" in page.text
    send(client, f"/automations/{id}", Form(page))
    assert automation(id).draft["conditions"] == NESTED


def test_a_group_is_built_by_buttons(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, conditions=[])
    signed_in(client, "rosa")
    form = submit_edit(client, id, opened(client, id), "add-group")
    assert form.values["conditions-0-match"] == "any"
    form = submit_edit(client, id, form, "add-group-0", **{"conditions-0-conditions-0-field": "status"})
    assert form.values["conditions-0-conditions-0-operator"] == "equals"
    form = submit_edit(client, id, form, "add-lines-0-2")
    form = submit_edit(client, id, form, "add-condition-0-2-2")
    assert "add-group-0-2" not in form.buttons and "add-lines-0-2-2" not in form.buttons
    send(client, f"/automations/{id}", form, **{"conditions-0-conditions-2-match": "none"})
    first, _, inner = automation(id).draft["conditions"][0]["conditions"]
    assert first["field"] == "status" and inner["match"] == "none"
    assert inner["conditions"][2] == {"match": "line", "lines": "any", "conditions": [EMPTY, EMPTY]}


def test_conditions_and_groups_are_removed_from_their_group(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=NESTED)
    signed_in(client, "rosa")
    form = submit_edit(client, id, opened(client, id), "remove-condition-1-0")
    assert form.values["conditions-1-conditions-0-match"] == "none"
    form = submit_edit(client, id, form, "remove-condition-1-0-0")
    form = submit_edit(client, id, form, "remove-condition-2")
    send(client, f"/automations/{id}", form)
    kept = automation(id).draft["conditions"]
    assert kept == [
        DELIVERY,
        {"match": "any", "conditions": [{"match": "none", "conditions": []}, NESTED[1]["conditions"][2]]},
    ]


def test_an_empty_group_is_a_problem_that_links_to_it(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, conditions=[{"match": "any", "conditions": []}])
    page = signed_in(client, "rosa").get(f"/automations/{id}")
    assert "This group is empty" in text_of(page)
    assert 'href="#conditions-0"' in page.text and 'id="conditions-0"' in page.text


@pytest.mark.parametrize(
    "edit",
    ["add-group-0", "add-condition-9", "remove-condition-1-7", "remove-condition-0-0", "add-lines-2-0-0"],
)
def test_an_edit_of_a_missing_group_changes_nothing(
    client: FlaskClient, bloom: Store, rosa: User, edit: str
) -> None:
    id = an_automation(bloom, rosa, conditions=NESTED)
    signed_in(client, "rosa")
    before = opened(client, id)
    assert submit_edit(client, id, before, edit).values == before.values


def test_changing_the_field_in_a_group_offers_its_operators(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=NESTED)
    signed_in(client, "rosa")
    name = "conditions-1-conditions-1-conditions-0"
    values = opened(client, id).values.to_dict(flat=False) | {f"{name}-field": "customer.marketing_consent"}
    answer = client.post(f"/automations/{id}/draft-form", data=values, headers=HTMX)
    assert_fragment(answer, f"#automation-{id}-{name}")
    form = Form(answer)
    assert form.values[f"{name}-operator"] == "equals"
    assert form.options[f"{name}-value"][1:] == [("yes", "Given"), ("no", "Not given")]


def test_switching_between_one_and_several_values_keeps_the_first_value(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=[DELIVERY])
    signed_in(client, "rosa")
    form = submit_edit(client, id, opened(client, id), "", **{"conditions-0-operator": "is_one_of"})
    assert form.values.getlist("conditions-0-value") == ["delivery"]
    send(client, f"/automations/{id}", form, **{"conditions-0-value": ["delivery", "Collection"]})
    assert automation(id).draft["conditions"][0]["value"] == ["delivery", "collection"]
    form = submit_edit(client, id, opened(client, id), "", **{"conditions-0-operator": "equals"})
    assert form.values["conditions-0-value"] == "delivery"


def test_too_deep_or_forged_groups_are_refused_with_a_sentence(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=NESTED)
    signed_in(client, "rosa")
    forged = {"conditions-1-match": "banana", "conditions-1-conditions-1-conditions-0-match": "any"}
    answer = send(client, f"/automations/{id}/reviews", opened(client, id), **forged)
    assert answer.status_code == 422
    assert "Choose whether any, all or none of these conditions must hold" in text_of(answer)
