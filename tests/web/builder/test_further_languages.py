"""Texts in further languages are added, written, tried and removed in the builder."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.shop import email_to
from tests.web.building import an_automation, automation, opened, published, send
from tests.web.pages import sign_in, text_of

GERMAN = "actions-0-settings-languages-de-"


def made(client: FlaskClient, store: Store, user: User, **texts: Any) -> int:
    email = email_to()
    email["settings"] |= {"languages": texts} if texts else {}
    sign_in(client, "rosa")
    return an_automation(store, user, actions=[email], conditions=[])


def draft(id: int) -> Any:
    return automation(id).draft["actions"][0]["settings"]


def test_a_language_is_added_written_tried_and_removed(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = made(client, bloom, rosa)
    form = opened(client, id)
    assert ("de", "German") in form.options["actions-0-language"]
    assert "en-GB" not in dict(form.options["actions-0-language"])
    chosen = {"actions-0-language": "de"}
    page = send(client, f"/automations/{id}/draft-form", form, edit="add-language-0", **chosen)
    assert f'id="{GERMAN}subject"' in page.text and "autofocus" in page.text
    refused = send(client, f"/automations/{id}/reviews", form, **{f"{GERMAN}subject": "Hallo"})
    assert refused.status_code == 422 and "In German: Write a message." in text_of(refused)
    words = {f"{GERMAN}subject": "Hallo", f"{GERMAN}message": "Zeile eins\r\nZeile zwei"}
    send(client, f"/automations/{id}", opened(client, id), **words)
    assert draft(id)["languages"] == {"de": {"subject": "Hallo", "message": "Zeile eins\nZeile zwei"}}
    form = opened(client, id)
    tried = send(client, f"/automations/{id}/test-fires", form, record="sample:paid_delivery@de")
    assert "customer reads German" in text_of(tried) and "Zeile zwei" in text_of(tried)
    assert "Written in German, the customer’s language." in text_of(tried)
    page = send(client, f"/automations/{id}/draft-form", form, edit="remove-language-0-0")
    assert GERMAN not in page.text and 'id="add-language-0"' in page.text


def test_opening_and_saving_changes_no_text_and_the_review_names_the_one_that_changed(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    texts = {"de": {"subject": "Hallo", "message": "Eins"}, "pt-BR": {"subject": "Oi", "message": "Um"}}
    id = made(client, bloom, rosa, **texts)
    before = draft(id)
    send(client, f"/automations/{id}", opened(client, id))
    assert draft(id) == before
    published(client, id)
    review = send(client, f"/automations/{id}/reviews", opened(client, id), **{f"{GERMAN}message": "Zwei"})
    assert draft(id)["languages"] == {**texts, "de": {"subject": "Hallo", "message": "Zwei"}}
    page = text_of(client.get(review.headers["Location"]))
    assert "the message in German of “send email”: Eins Zwei" in page


def test_what_a_form_may_not_say_is_left_out(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = made(client, bloom, rosa)
    odd = {
        "actions-0-settings-languages-xx-message": "x",
        "actions-0-settings-languages-de-to": "manager",
        "actions-0-settings-languages-de-AT-subject": "Servus",
    }
    send(client, f"/automations/{id}", opened(client, id), **odd)
    assert draft(id)["languages"] == {"de-AT": {"subject": "Servus"}}
    for edit in ("add-language-7", "remove-language-0-9", "remove-language-5-0", "add-language-"):
        answer = send(client, f"/automations/{id}/draft-form", opened(client, id), edit=edit)
        assert answer.status_code == 200 and "Servus" in answer.text
    form = opened(client, id)
    manager = send(client, f"/automations/{id}/draft-form", form, **{"actions-0-settings-to": "manager"})
    assert 'id="add-language-0"' not in manager.text and "Servus" in manager.text
