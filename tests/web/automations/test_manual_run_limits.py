"""A manual run says beforehand whom the automation's own limits hold back: the same as it then does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.features.scheduling import manual_run
from automations.features.scheduling.over_cap import over_cap
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.statements import recorded_statements
from tests.web.pages import text_of

#: The caps; how many of eight orders they hold back in the list, and of all eight at once in the second step.
CAPS: tuple[tuple[dict[str, Any], int, int], ...] = (
    ({"once_per_record": True}, 2, 2),
    ({"once_per_customer_days": 7}, 4, 6),
    ({"per_hour": 4}, 0, 6),
    ({"per_hour": 2}, 8, 8),
    ({"once_per_record": True, "once_per_customer_days": 7, "per_hour": 3}, 4, 7),
)


def begun(caps: dict[str, Any]) -> tuple[int, list[int]]:
    """Eight orders, two of each of four customers; it fired for the first two. The automation, the orders."""
    id = shop.draft_automation("Thanks", "manual")
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"caps": caps}
    shop.publish_again(id, "manual")
    people = [shop.place_customer(f"C-{place}", email=f"c{place}@b.example").id for place in range(4)]
    for place in range(8):
        shop.place_order(f"{place}", customer_id=people[place % 4])
    orders = [order.id for order in db.session.query(Order).order_by(Order.id)]
    run(id, orders[:2])
    return id, orders


def run(id: int, orders: list[int]) -> int:
    with write() as session:
        version, rosa = session.get_one(Automation, id).active_version, session.query(User).first()
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        assert version and rosa
        return manual_run.run(session, store, version, orders, rosa, dt.datetime.now(dt.UTC))


def held_back(id: int, orders: list[int]) -> dict[int, str]:
    """Return whom it would hold back if they ran together now."""
    version = db.session.get_one(Automation, id).active_version
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    assert version
    now = dt.datetime.now(dt.UTC)
    candidates = manual_run.preview(db.session(), store, version, orders, now)
    with recorded_statements() as statements:
        found = over_cap(db.session(), store, version, candidates, now, together=True)
    assert len(statements) <= 3, "a few statements, however many records"
    db.session.rollback()
    return found


@pytest.mark.parametrize(("caps", "in_list", "together"), CAPS)
def test_whom_the_limits_hold_back_is_known_before(
    as_rosa: FlaskClient, caps: dict[str, Any], in_list: int, together: int
) -> None:
    id, orders = begun(caps)
    page = text_of(as_rosa.get(f"/automations/{id}/manual-run?all=1"))
    said = f"{in_list} of 8 have had their limit and get nothing."
    assert said in page if in_list else "their limit" not in page
    assert f"All found, {8 - in_list}" in page
    found = held_back(id, orders)
    assert len(found) == together
    assert run(id, orders) == 8 - together
    assert not caps.get("once_per_record") or "It runs once for each record" in " ".join(found.values())


def test_customers_who_were_reached_are_held_back_too(as_rosa: FlaskClient) -> None:
    id = shop.draft_automation("Thanks", "manual", subject="customer")
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"caps": {"once_per_customer_days": 7}}
    shop.publish_again(id, "manual")
    ids = [shop.place_customer(f"C-{place}", email=f"c{place}@b.example").id for place in range(3)]
    assert run(id, ids[:1]) == 1
    assert held_back(id, ids) == {
        ids[0]: "It runs once for each customer in 7 days, and it already ran for this one in that time."
    }
    assert run(id, ids) == 2


def test_the_second_step_says_who_is_left_out_and_when_marketing_waits(as_rosa: FlaskClient) -> None:
    id, orders = begun({"once_per_customer_days": 7})
    ticked = {"all": "1", "record": [str(one) for one in orders]}
    review = text_of(
        as_rosa.post(f"/automations/{id}/manual-run/selection", data=ticked, follow_redirects=True)
    )
    assert "Email the customers of 2 orders?" in review
    assert "6 of the ticked ones are left out, for they would get nothing: it runs once for each" in review
    assert "These are quiet hours" not in review
