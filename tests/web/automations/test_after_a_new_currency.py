"""A store with a new currency: what its drafts can't compare in earlier orders is said."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import g
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.store import Store
from tests.kit import shop
from tests.web import building
from tests.web.pages import text_of

HX = {"HX-Request": "true"}
BIG = shop.condition("total", "greater_than", "40")


def in_euros(store: Store) -> None:
    with write() as session:
        session.get_one(Store, store.id).currency = "EUR"
    db.session.expire_all()
    g.pop("words", None)


@pytest.fixture
def draft_id(bloom: Store) -> int:
    """An order of £120.00 was created; then the store goes on in euros, and asks for more than 40.00."""
    shop.publish_automation("Watches", "created")
    shop.place_order("1", total=Decimal(120))
    in_euros(bloom)
    return shop.draft_automation("Big", "created", BIG)


def test_trying_says_that_it_could_not_be_checked_not_that_the_draft_is_unfinished(
    as_rosa: FlaskClient, draft_id: int
) -> None:
    path = f"/automations/{draft_id}/test-fires"
    page = text_of(building.send(as_rosa, path, building.opened(as_rosa, draft_id), record="1"))
    assert "Whether it would fire could not be checked." in page
    assert "the order is in GBP, the automation’s amounts are in EUR" in page
    assert "too early" not in page


def test_an_order_that_cannot_be_compared_is_not_offered_as_one_that_fits(
    as_rosa: FlaskClient, draft_id: int
) -> None:
    page = text_of(as_rosa.get(f"/automations/{draft_id}"))
    assert "One that fits: A sample" in page and "One that fits: Order 1" not in page


def test_the_past_says_that_no_order_could_be_checked_not_that_the_condition_never_held(
    as_rosa: FlaskClient, draft_id: int
) -> None:
    page = text_of(as_rosa.get(f"/automations/{draft_id}/past", headers=HX))
    assert "Condition 1 could not be checked for any of them." in page
    assert "never held" not in page


def test_the_past_says_beside_a_condition_that_never_held_how_many_could_not_be_checked(
    as_rosa: FlaskClient, draft_id: int
) -> None:
    shop.place_order("2", total=Decimal(12))
    page = text_of(as_rosa.get(f"/automations/{draft_id}/past", headers=HX))
    assert "Condition 1 never held; 1 could not be checked." in page


def test_a_backtest_says_how_many_could_not_be_checked(as_rosa: FlaskClient, draft_id: int) -> None:
    answer = as_rosa.post(f"/automations/{draft_id}/backtests", data={"period": "90"})
    page = text_of(as_rosa.get(answer.headers["Location"]))
    assert "Total is over €40.00 1 could not be checked 0" in page


def test_forms_say_what_becomes_of_amounts_in_another_currency(as_ada: FlaskClient) -> None:
    assert "conditions can’t compare their amounts" in text_of(as_ada.get("/settings/store"))
    asked = {"name": "Regulars", "conditions-0-field": "total_spent", "conditions-0-operator": "greater_than"}
    page = text_of(as_ada.post("/segments/draft-form", data=asked))
    assert "do not count, nor do orders in another currency." in page
