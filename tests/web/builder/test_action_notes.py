"""What an action needs and the store lacks stands at the action, with who can mend it."""

from __future__ import annotations

import html
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
from tests.web.building import an_automation
from tests.web.pages import text_of


def _notes(client: FlaskClient, id: int, place: int = 0) -> str:
    page = client.get(f"/automations/{id}").text
    return page.partition(f'id="automation-{id}-action-{place}-notes"')[2].partition("</div>")[0]


def _request(**settings: str) -> dict[str, Any]:
    usual = {"method": "POST", "url": "https://api.vans.example/jobs", "body": "{}"}
    return {"kind": "http_request", "settings": usual | settings}


def test_an_email_without_a_mail_server_says_where_it_goes(as_ada: FlaskClient, as_rosa: FlaskClient) -> None:
    id = shop.publish_automation("Thanks", "created", actions=[shop.email_to()])
    ada, rosa = _notes(as_ada, id), _notes(as_rosa, id)
    for notes in (ada, rosa):
        assert "Emails stay in the Mailbox: no mail server is set up, so nobody gets them." in notes
    assert 'href="/settings/email"' in ada and "Only an admin" not in ada
    assert "Only an admin can set it: Ada" in rosa and "href" not in rosa


def test_a_text_without_a_gateway_says_so_at_its_own_action(
    as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    text = {"kind": "send_sms", "settings": {"to": "customer", "message": "Hello"}}
    id = an_automation(bloom, rosa, actions=[shop.email_to(), text])
    assert "no gateway is set up" in _notes(as_rosa, id, 1)
    assert "no gateway is set up" not in _notes(as_rosa, id, 0)


def test_a_missing_secret_stands_at_its_own_request(as_ada: FlaskClient, bloom: Store, rosa: User) -> None:
    request = _request(headers="Authorization: Bearer {{ secrets.van }}")
    id = an_automation(bloom, rosa, actions=[shop.email_to(), request])
    notes = " ".join(html.unescape(_notes(as_ada, id, 1)).split())
    assert "needs the secret van, which is not set." in notes
    assert 'href="/settings/connections/secrets"' in notes
    assert "secret" not in _notes(as_ada, id, 0)


@pytest.mark.parametrize("url", ["https://printer.lan/print", "http://10.1.2.3/x"])
def test_a_host_that_may_not_be_called_is_named_with_who_can_allow_it(
    as_rosa: FlaskClient, bloom: Store, rosa: User, url: str
) -> None:
    words = text_of(as_rosa.get(f"/automations/{an_automation(bloom, rosa, actions=[_request(url=url)])}"))
    assert "is not a public address, so it is not called." in words
    assert "ask whoever runs this program to list it in ALLOWED_PRIVATE_HOSTS." in words
