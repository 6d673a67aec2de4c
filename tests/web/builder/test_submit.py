"""Saving and publishing from the builder: refusals in place, and two editors at once."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.web.building import HTMX, Form, an_automation, automation, opened, send
from tests.web.pages import signed_in, text_of


def test_saving_keeps_an_unfinished_draft(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    changes = {
        "name": " New  name ",
        "trigger-key": "",
        "conditions-0-value": "",
        "actions-0-settings-subject": "",
    }
    assert send(client, f"/automations/{id}", opened(client, id), **changes).status_code == 303
    saved = automation(id)
    assert (saved.name, saved.revision, saved.draft["trigger"]["key"]) == ("New name", 2, None)
    assert saved.draft["conditions"][0]["value"] is None


def test_opening_and_saving_changes_nothing(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    before = automation(id).draft
    signed_in(client, "rosa")
    form = opened(client, id)
    message = form.values["actions-0-settings-message"].replace("\n", "\r\n")
    send(client, f"/automations/{id}", form, **{"actions-0-settings-message": message})
    assert automation(id).draft == before and automation(id).revision == 1


def test_a_refused_form_comes_back_with_everything_typed(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    typed = {"name": "", "actions-0-settings-message": "<b>My text</b>", "conditions-0-value": "relay"}
    answer = send(client, f"/automations/{id}", opened(client, id), **typed)
    assert answer.status_code == 422
    assert "Give the automation a name" in text_of(answer)
    assert {name: Form(answer).values[name] for name in typed} == typed
    assert automation(id).revision == 1


def test_what_an_earlier_save_said_of_the_name_is_replaced(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    typed = opened(client, id).values.to_dict() | {"name": "x" * 200}
    answer = client.post(f"/automations/{id}", data=typed, headers=HTMX)
    assert answer.status_code == 422
    state = answer.text.partition('hx-swap-oob="innerHTML:#save-state"')[2]
    assert "Not saved: the name." in state and "Shorten the name to 120 characters; it has 200." in state


def test_forged_values_are_kept_and_refused_with_sentences(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    forged = {
        "conditions-0-operator": "greater_than",
        "conditions-1-value": "<i>gold</i>",
        "trigger-to": "nowhere",
    }
    answer = send(client, f"/automations/{id}/reviews", opened(client, id), **forged)
    assert answer.status_code == 422 and automation(id).latest_version_id is None
    words = text_of(answer)
    assert "Fulfilment method can’t be compared with “greater than”" in words
    assert "there is no such choice" in words and "<i>" not in answer.text
    assert {name: Form(answer).values[name] for name in forged} == forged
    assert 'id="conditions-0-operator-error"' in answer.text
    assert 'aria-describedby="conditions-0-operator-error"' in answer.text


def test_an_unknown_model_is_refused_with_a_sentence(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    for path in ("draft-form", "reviews", "test-fires"):
        answer = send(client, f"/automations/{id}/{path}", opened(client, id), subject="banana")
        assert answer.status_code in (200, 422), path
        assert "Choose what the automation watches" in text_of(answer)


def test_publishing_marks_each_missing_part_in_its_place(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(
        bloom, rosa, conditions=[{"field": "total", "operator": "greater_than", "value": None}]
    )
    signed_in(client, "rosa")
    assert 'aria-invalid="true"' not in client.get(f"/automations/{id}").text
    answer = send(client, f"/automations/{id}/reviews", opened(client, id))
    assert answer.status_code == 422
    assert 'href="#conditions-0-value"' in answer.text and 'aria-invalid="true"' in answer.text
    again = send(client, f"/automations/{id}/reviews", Form(answer), **{"conditions-0-value": "£1,200"})
    assert again.status_code == 303
    assert automation(id).draft["conditions"][0]["value"] == "1200"


def test_the_second_of_two_editors_is_shown_both_versions(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    mine = opened(signed_in(client, "rosa"), id)
    send(client, f"/automations/{id}", opened(client, id), **{"conditions-1-value": "void", "name": "Theirs"})
    answer = send(client, f"/automations/{id}", mine, **{"conditions-1-value": "expired"})
    assert answer.status_code == 409
    assert "Rosa Lind saved this automation while you were editing it" in text_of(answer)
    assert "its payment status is Void" in text_of(answer)
    kept = Form(answer)
    assert kept.values["conditions-1-value"] == "expired" and automation(id).name == "Theirs"
    assert send(client, f"/automations/{id}", kept).status_code == 409
    assert send(client, f"/automations/{id}", kept, over="2").status_code == 303
    assert automation(id).draft["conditions"][1]["value"] == "expired"


def test_too_many_conditions_are_refused_with_a_sentence(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    many = {
        f"conditions-{n}-{part}": "status" for n in range(1_001) for part in ("field", "operator", "value")
    }
    for path in ("", "/draft-form", "/reviews", "/test-fires"):
        answer = send(client, f"/automations/{id}{path}", opened(client, id), **many)
        assert answer.status_code == 422
        assert "This automation has 1,001 conditions; the limit is 100." in text_of(answer)
    assert automation(id).revision == 1


def test_saving_by_htmx_reloads_the_page(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    for path, leads_to in (("", ""), ("/reviews", "/publish")):
        answer = client.post(f"/automations/{id}{path}", data=opened(client, id).values, headers=HTMX)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/automations/{id}{leads_to}")


def test_a_refusal_by_htmx_is_the_form_with_its_sentence(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, actions=[])
    signed_in(client, "rosa")
    answer = client.post(f"/automations/{id}/reviews", data=opened(client, id).values, headers=HTMX)
    assert answer.status_code == 422 and "<html" not in answer.text
    assert f'id="automation-{id}-form"' in answer.text and "Add at least one action" in text_of(answer)


def test_a_conflict_by_htmx_is_the_form_with_both_versions(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa)
    signed_in(client, "rosa")
    form = opened(client, id).values.to_dict() | {"revision": "0", "name": "Mine"}
    answer = client.post(f"/automations/{id}", data=form, headers=HTMX)
    assert answer.status_code == 409 and "<html" not in answer.text
    assert f'id="automation-{id}-form"' in answer.text and "Save mine anyway" in text_of(answer)
