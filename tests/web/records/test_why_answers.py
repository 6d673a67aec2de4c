"""The answer to "Why didn't it run?" on the page of a record."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from automations.web.records import why_answers
from tests.kit import shop
from tests.web.pages import assert_fragment, signed_in, text_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def rosas(client: FlaskClient) -> FlaskClient:
    return signed_in(client, "rosa")


def test_why_an_automation_did_not_run_is_answered_in_place(rosas: FlaskClient) -> None:
    automation = shop.publish_automation("Big ones", "created", shop.condition("total", "greater_than", "40"))
    shop.place_order(total=Decimal("10.00"))
    answer = rosas.get(f"/orders/10482/why-not?automation={automation}", headers=HTMX)
    assert_fragment(answer, "#why-not")
    assert "Order 10482 · Big ones did not run: total is £10.00, needs over £40.00." in text_of(answer)
    assert "<html" in rosas.get(f"/orders/10482/why-not?automation={automation}").text


def test_any_automation_name_appears_unchanged_in_the_answer(rosas: FlaskClient) -> None:
    order_id = shop.place_order().number
    late = shop.publish_automation("Big {since} {0}", "created")
    answer = rosas.get(f"/orders/{order_id}/why-not?automation={late}", headers=HTMX)
    assert "Big {since} {0} was published after" in text_of(answer)
    assert "on {since}" not in text_of(answer)
    never = shop.draft_automation("Never {since}", "created")
    answer = rosas.get(f"/orders/{order_id}/why-not?automation={never}", headers=HTMX)
    assert "Never {since} has never been published" in text_of(answer)


@pytest.mark.parametrize(("words", "expected"), [("today 09:00", " today"), ("5 May 09:00", " on 5 May")])
def test_an_answer_names_its_day_as_people_say_it(
    rosas: FlaskClient, monkeypatch: pytest.MonkeyPatch, words: str, expected: str
) -> None:
    monkeypatch.setattr(why_answers, "when", lambda _: words)
    order_id = shop.place_order().number
    late = shop.publish_automation("Big ones", "created")
    answer = text_of(rosas.get(f"/orders/{order_id}/why-not?automation={late}", headers=HTMX))
    assert expected in answer and "on today" not in answer
