"""Who gets a copy of an email, and who the replies, is said before it is sent."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import write
from automations.models.settings.email_looks import NEW
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.web import building
from tests.web.pages import text_of

ADDRESSES = {"cc": "boss@x.example, ivy@x.example", "bcc": "hidden@x.example", "reply_to": "desk@x.example"}
SAID = "Copy to boss@x.example, ivy@x.example. Hidden copy to hidden@x.example. Replies go to desk@x.example."


def a_draft(bloom: Store, look: str, addresses: dict[str, str]) -> int:
    """An order was created, and what the draft sends about it."""
    with write() as session:
        session.get_one(Store, bloom.id).email_look = {**NEW, "address": "1 Wild St"}
    shop.publish_automation("Watches", "created")
    shop.place_order("1")
    action = shop.email_to("team")
    action["settings"] |= addresses | {"look": look}
    return shop.draft_automation("Copied", "created", actions=[action])


def tried(client: FlaskClient, id: int) -> str:
    form = building.opened(client, id)
    return text_of(building.send(client, f"/automations/{id}/test-fires", form, record="1"))


def backtested(client: FlaskClient, id: int) -> str:
    begun = client.post(f"/automations/{id}/backtests", data={"period": "90"})
    return text_of(client.get(begun.headers["Location"]))


@pytest.mark.parametrize("look", ["store", "plain"])
def test_trying_and_a_backtest_say_who_else_gets_the_email(
    as_rosa: FlaskClient, bloom: Store, look: str
) -> None:
    id = a_draft(bloom, look, ADDRESSES)
    assert SAID in tried(as_rosa, id)
    assert SAID in backtested(as_rosa, id)


def test_the_review_says_who_else_gets_the_email(as_rosa: FlaskClient, bloom: Store) -> None:
    id = a_draft(bloom, "store", ADDRESSES)
    assert SAID in text_of(as_rosa.get(f"/automations/{id}/publish"))


def test_an_email_without_copies_says_nothing_of_them(as_rosa: FlaskClient, bloom: Store) -> None:
    id = a_draft(bloom, "plain", {})
    for page in (backtested(as_rosa, id), text_of(as_rosa.get(f"/automations/{id}/publish"))):
        assert "Copy to" not in page and "Hidden copy" not in page and "Replies go to" not in page


def test_the_mailbox_says_who_else_got_it(as_rosa: FlaskClient) -> None:
    action = shop.email_to("team")
    action["settings"] |= ADDRESSES | {"look": "plain"}
    shop.publish_automation("Copied", "created", actions=[action])
    shop.place_order("1")
    perform_due()
    page = text_of(as_rosa.get("/mailbox/1"))
    assert SAID.replace(".example. ", ".example ").removesuffix(".") in page
