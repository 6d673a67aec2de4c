"""Where an amount is typed, the builder says of which currency it is and what becomes of other orders."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.shop import condition
from tests.web import building
from tests.web.pages import signed_in, text_of

_HINT = "In GBP; orders in another currency can’t be compared."


def test_the_hint_stands_by_amounts_of_orders_that_are_compared(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    browser = signed_in(client, "rosa")

    def page(*conditions: object) -> str:
        id = building.an_automation(bloom, rosa, str(conditions)[:70], conditions=[*conditions])
        return text_of(browser.get(f"/automations/{id}"))

    assert _HINT in page(condition("total", "greater_than", "40"))
    assert f"What is taken off the items. {_HINT}" in page(condition("discount", "at_least", "5"))
    assert _HINT not in page(condition("item_count", "greater_than", "40"))
