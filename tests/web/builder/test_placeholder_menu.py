"""The "Insert a field" menu: custom fields, answers to earlier requests, and secrets in headers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.actions.http_request import HttpRequest
from automations.connectors.secret_encryption import SecretBox
from automations.engine.fields.subjects import SUBJECTS
from automations.models.db.base import db, write
from automations.models.tables import secret
from automations.models.tables.people import User
from automations.models.tables.run import Attempt
from automations.models.tables.store import Store
from automations.pipeline.runs.claimed_run import SENT
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.web.building import an_automation, opened
from tests.world import NOW

HTTP = HttpRequest()
COURIER: dict[str, Any] = {
    "kind": "http_request",
    "settings": {
        "method": "POST",
        "url": "https://courier.example/jobs",
        "headers": "",
        "body_kind": "none",
        "body": "",
        "signed_with": "",
        "status": "",
        "answer_path": "job.state",
        "answer_value": "ok",
    },
}


def offered(page: str, field: str) -> list[str]:
    """Return the snippets that the menu of one field offers."""
    panel = page.split(f'data-insert-into="{field}"')[1].split("</details>", maxsplit=1)[0]
    return [snippet.replace("&#34;", '"') for snippet in re.findall(r'data-snippet="([^"]*)"', panel)]


def shown(client: FlaskClient, id: int) -> str:
    return client.get(f"/automations/{id}").text


def test_custom_fields_are_in_the_menu(as_rosa: FlaskClient, bloom: Store, rosa: User) -> None:
    own_field("Ribbon colour", "choice", choices="Red")
    own_field("2nd visit", "date")
    own_field("Birthday", "date", "customer")
    id = an_automation(bloom, rosa, actions=[shop.email_to()])
    snippets = offered(shown(as_rosa, id), "actions-0-settings-message")
    assert "{{ order.custom.ribbon_colour }}" in snippets
    assert '{{ order.custom["2nd_visit"] | date: "%-d %B %Y" }}' in snippets
    assert not any("birthday" in snippet for snippet in snippets)


def test_a_custom_field_can_be_chosen_as_the_field_to_change(
    as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    key = own_field("Ribbon colour", "choice", choices="Red\nDark blue")
    change: dict[str, Any] = {"kind": "change_data", "settings": {"field": key, "value": ""}}
    id = an_automation(bloom, rosa, actions=[change])
    form = opened(as_rosa, id)
    assert (key, "Ribbon colour") in form.options["actions-0-settings-field"]
    assert "not in the list" not in shown(as_rosa, id)
    assert '<option value="Dark blue">' in shown(as_rosa, id)


def test_answers_of_earlier_requests_are_offered_to_later_actions_only(
    as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, actions=[shop.email_to(), COURIER, shop.email_to()])
    page = shown(as_rosa, id)
    assert not any("answers" in snippet for snippet in offered(page, "actions-0-settings-message"))
    assert not any("answers" in snippet for snippet in offered(page, "actions-1-settings-url"))
    snippets = offered(page, "actions-2-settings-message")
    assert [snippet for snippet in snippets if "answers" in snippet] == ["{{ answers.2.job.state }}"]


def test_the_menu_lists_the_paths_of_the_latest_answer(as_rosa: FlaskClient, bloom: Store) -> None:
    id = shop.publish_automation("Book", "created", actions=[COURIER, shop.email_to()])
    shop.place_order()
    with write() as session:
        run = shop.runs()[0]
        body = '{"id": 7, "job": {"state": "ok", "tries": [1]}, "a b": 1, "tracking_number": "T-1"}'
        answer = {"status": 200, "body": body, "cut": False}
        session.add(Attempt(run_id=run.id, number=1, result=SENT, started_at=NOW, answer=answer))
    snippets = offered(shown(as_rosa, id), "actions-1-settings-message")
    assert [snippet for snippet in snippets if "answers" in snippet] == [
        "{{ answers.1.job.state }}",
        "{{ answers.1.id }}",
        "{{ answers.1.tracking_number }}",
    ]


@pytest.mark.parametrize(
    ("path", "snippet"),
    [
        ("jobs.0.id", "{{ answers.1.jobs[0].id }}"),
        ("jobs[1].id", "{{ answers.1.jobs[1].id }}"),
        ("0.id", "{{ answers.1[0].id }}"),
        ("job.for", '{{ answers.1.job["for"] }}'),
    ],
)
def test_the_path_of_an_expected_value_is_inserted_readably(
    as_rosa: FlaskClient, bloom: Store, rosa: User, path: str, snippet: str
) -> None:
    courier = {**COURIER, "settings": {**COURIER["settings"], "answer_path": path}}
    id = an_automation(bloom, rosa, actions=[courier, shop.email_to()])
    assert snippet in offered(shown(as_rosa, id), "actions-1-settings-message")
    assert (
        HTTP.check({**COURIER["settings"], "body": f"a = {snippet}", "body_kind": "json"}, SUBJECTS["order"])
        == []
    )


def test_names_of_secrets_are_offered_only_in_headers(as_rosa: FlaskClient, bloom: Store, rosa: User) -> None:
    with write() as session:
        secret.keep(session, bloom.id, "courier", "hush", "", SecretBox(["a key of the tests"]), NOW)
    db.session.rollback()
    id = an_automation(bloom, rosa, actions=[COURIER, shop.email_to()])
    page = shown(as_rosa, id)
    assert "{{ secrets.courier }}" in offered(page, "actions-0-settings-headers")
    assert page.count("secrets.courier }}&#34;") + page.count('data-snippet="{{ secrets.courier }}"') == 1
    assert '<option value="courier">' in page and "hush" not in page
