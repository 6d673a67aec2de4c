"""The activity of one automation has its runs by hand, whatever its trigger."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from automations.features.history import store_log
from automations.features.scheduling import manual_run
from automations.models.db.base import write
from automations.models.tables.automation import Automation
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
from tests.web.pages import text_of
from tests.world import NOW


def _ran_by_hand(automation_id: int, *numbers: str) -> None:
    with write() as session:
        version = session.get_one(Automation, automation_id).active_version
        rosa = session.query(User).filter(User.email.startswith("rosa")).one()
        assert version is not None
        ids = [order.id for order in session.query(Order).filter(Order.number.in_(numbers))]
        manual_run.run(session, session.get_one(Store, 1), version, ids, rosa, NOW)


@pytest.fixture
def by_hand(app: object) -> int:
    """An automation that listens to payments, run by hand on orders 1 and 2, of which 2 does not apply."""
    paid = shop.condition("payment_status", "equals", "paid")
    automation = shop.publish_automation("Paid in full", "payment_status_changed", paid)
    other = shop.publish_automation("Another", "payment_status_changed")
    for number in ("1", "2", "3"):
        shop.place_order(number, payment_status="paid" if number == "1" else "unpaid")
    _ran_by_hand(automation, "1", "2")
    _ran_by_hand(other, "3")
    return automation


def test_its_list_and_its_file_have_the_runs_by_hand_and_what_did_not_apply(
    as_finn: FlaskClient, by_hand: int
) -> None:
    words = text_of(as_finn.get(f"/activity?automation={by_hand}"))
    assert "Searched back" not in words and "No matching activity" not in words
    rows = list(csv.DictReader(io.StringIO(as_finn.get(f"/activity.csv?automation={by_hand}").text)))
    assert sorted({row["Record"] for row in rows}) == ["Order 1", "Order 2"]
    missed = as_finn.get(f"/activity.csv?automation={by_hand}&outcome=not_applicable").text
    assert [row["Record"] for row in csv.DictReader(io.StringIO(missed))] == ["Order 2"]


def test_the_search_goes_on_past_the_runs_by_hand_of_others(
    as_finn: FlaskClient, by_hand: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_log, "SCANNED", (1,))
    rows = list(csv.DictReader(io.StringIO(as_finn.get(f"/activity.csv?automation={by_hand}").text)))
    assert sorted(row["Record"] for row in rows) == ["Order 1", "Order 2"]
