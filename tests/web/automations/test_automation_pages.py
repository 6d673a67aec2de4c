"""The list of automations, the starters, and actions on a whole automation."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.features.authoring import drafts
from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit, User
from automations.models.tables.store import Store
from tests.web.building import HTMX, Form, an_automation, automation, published, send
from tests.web.pages import assert_fragment, sign_in, text_of


def test_an_empty_list_offers_the_starters(client: FlaskClient) -> None:
    words = text_of(sign_in(client, "rosa").get("/automations"))
    assert "Nothing is automated yet" in words
    assert all(starter.title in words for starter in STARTERS.values())


@pytest.mark.parametrize("key", list(STARTERS))
def test_each_starter_becomes_a_draft_once_it_is_saved(client: FlaskClient, bloom: Store, key: str) -> None:
    form = Form(sign_in(client, "rosa").get(f"/automations/new/{key}/draft"))
    assert db.session.query(Automation).count() == 0
    assert send(client, "/automations/0", form).status_code == 303
    saved = db.session.query(Automation).one()
    words = StoreWords(db.session(), bloom)
    assert saved.name == STARTERS[key].name
    assert drafts.in_words(words, saved.draft) == drafts.in_words(words, STARTERS[key].data)


def test_an_empty_draft_says_what_to_do_first(client: FlaskClient) -> None:
    answer = sign_in(client, "rosa").get("/automations/new/scratch/draft")
    assert "Choose what starts it" in text_of(answer)


def test_a_starter_used_again_gets_a_numbered_name(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    for _ in range(3):
        send(client, "/automations/0", Form(client.get("/automations/new/fully_paid/draft")))
    names = [automation.name for automation in db.session.query(Automation).order_by(Automation.id)]
    assert names == ["Receipt when fully paid", "Receipt when fully paid 2", "Receipt when fully paid 3"]


def test_the_list_describes_each_automation_in_a_sentence(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    an_automation(bloom, rosa)
    words = text_of(sign_in(client, "rosa").get("/automations"))
    assert "Every time an order’s payment status changes , if its fulfilment method is Delivery" in words
    assert "Draft" in words and "never fired" in words


def test_the_list_is_searched_by_name_and_by_sentence(client: FlaskClient, bloom: Store, rosa: User) -> None:
    an_automation(bloom, rosa)
    sign_in(client, "rosa")
    for text, matches in (("paid del", True), ("method is delivery", True), ("wedding", False)):
        words = text_of(client.get("/automations", query_string={"q": text}))
        assert ("Confirm paid deliveries" in words) is matches
        assert ("No automation matches" in words) is not matches
    assert "Confirm paid deliveries" not in text_of(client.get("/automations?subject=event"))


def test_a_long_list_has_pages(client: FlaskClient, bloom: Store, rosa: User) -> None:
    for number in range(52):
        an_automation(bloom, rosa, f"Automation {number:03}")
    sign_in(client, "rosa")
    first = client.get("/automations")
    assert "Automation 049" in first.text and "Automation 050" not in first.text
    last = db.session.query(Automation).filter_by(name="Automation 049").one().id
    assert f"after={last}" in first.text
    second = client.get(f"/automations?after={last}")
    assert "Automation 051" in second.text and "Automation 049" not in second.text


def test_a_name_with_markup_is_shown_as_text(client: FlaskClient, bloom: Store, rosa: User) -> None:
    nasty = "\"><script>alert('x')</script>{{ 7 * 7 }}"
    id = an_automation(bloom, rosa, nasty)
    sign_in(client, "rosa")
    for path in ("/automations", f"/automations/{id}", f"/automations/{id}/versions"):
        page = client.get(path).text
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_switching_off_and_on(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    sign_in(client, "rosa")
    published(client, id)
    assert automation(id).active_version_id
    client.post(f"/automations/{id}/deactivation")
    assert automation(id).active_version_id is None
    assert "Off" in text_of(client.get("/automations"))
    client.post(f"/automations/{id}/activation")
    assert automation(id).active_version_id
    actions = [row.action for row in db.session.query(Audit).order_by(Audit.id)]
    assert actions[-3:] == ["published version 1 of", "switched off", "switched on"]


def test_the_switch_answers_htmx_with_its_own_part(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    sign_in(client, "rosa")
    published(client, id)
    answer = client.post(f"/automations/{id}/deactivation", headers=HTMX)
    assert_fragment(answer, f"#automation-{id}-state")
    assert "Off" in text_of(answer) and 'aria-checked="false"' in answer.text


def test_a_draft_cannot_be_switched_on(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    answer = sign_in(client, "rosa").post(f"/automations/{id}/activation", follow_redirects=True)
    assert automation(id).active_version_id is None
    assert "never been published" in client.get("/automations").text + answer.text


def test_a_copy_is_a_separate_draft_that_is_off(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    sign_in(client, "rosa")
    published(client, id)
    client.post(f"/automations/{id}/copies")
    copy = db.session.query(Automation).filter_by(name="Copy of Confirm paid deliveries").one()
    assert copy.draft == automation(id).draft
    assert copy.active_version_id is None and copy.latest_version_id is None


def test_history_says_what_each_version_changed(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    sign_in(client, "rosa")
    published(client, id)
    published(client, id, **{"conditions-1-value": "refunded"})
    page = client.get(f"/automations/{id}/versions")
    assert "<del> Paid</del><ins> Refunded</ins>" in page.text
    assert text_of(page).index("Version 2") < text_of(page).index("Version 1")
    assert "Rosa Lind" in text_of(page)


def test_a_version_is_restored_to_the_draft_only(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    sign_in(client, "rosa")
    published(client, id)
    first = automation(id).latest_version_id
    published(client, id, **{"conditions-1-value": "refunded"})
    second = automation(id).latest_version_id
    client.post(f"/automations/{id}/versions/{first}/restoration")
    assert automation(id).draft["conditions"][1]["value"] == "paid"
    assert automation(id).active_version_id == second
    assert "Unpublished changes" in text_of(client.get(f"/automations/{id}"))


def test_automations_of_another_store_are_not_found(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    sign_in(client, "mallory")
    assert "Confirm paid deliveries</a>" not in client.get("/automations").text
    paths = ("", "/draft-form", "/publications", "/activation", "/deactivation", "/copies", "/test-fires")
    assert client.get(f"/automations/{id}").status_code == 404
    assert client.get(f"/automations/{id}/versions").status_code == 404
    assert {client.post(f"/automations/{id}{path}").status_code for path in paths} == {404}


def test_a_viewer_sees_everything_and_changes_nothing(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    sign_in(client, "finn")
    page = client.get(f"/automations/{id}")
    assert page.status_code == 200 and "<fieldset" in page.text and " disabled" in page.text
    assert "Publish" not in text_of(page).replace("Ready to publish", "") and "Add condition" not in text_of(
        page
    )
    assert "New automation" not in text_of(client.get("/automations"))
    paths = ("", "/draft-form", "/publications", "/activation", "/deactivation", "/copies", "/test-fires")
    assert {client.post(f"/automations/{id}{path}").status_code for path in paths} == {403}
    assert client.get("/automations/new").status_code == 403
