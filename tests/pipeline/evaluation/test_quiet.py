"""Changes of a quiet import: the record and its log are written, and no automation hears of it."""

from __future__ import annotations

import datetime as dt

import pytest

from automations.features.history.log_phrases import entry_of
from automations.features.history.why_not import why_not
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.order import Order
from automations.models.tables.run import Run
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Cause, Change
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")

QUIET = Cause("import", "import of “orders.csv”", quiet=True)
DAY = dt.timedelta(days=1)


def test_nothing_fires_and_the_log_says_why() -> None:
    automation = shop.publish_automation("Thank you", "created", actions=[shop.email_to()])
    shop.publish_automation("Picked", "status_changed", actions=[shop.email_to()])
    shop.place_order("1", status="confirmed", cause=QUIET)
    shop.place_order("1", status="picked", note="By the door", cause=QUIET)
    assert [one.trigger for one in shop.occurrences()] == ["imported", "imported"]
    assert db.session.query(Evaluation).count() == db.session.query(Run).count() == 0
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    words = StoreWords(db.session(), store)
    first, second = (entry_of(one, words) for one in shop.occurrences())
    assert (first.trigger, first.cause) == ("Imported, nothing fired", QUIET.label)
    assert second.also == ("Status", "Note")
    order = db.session.query(Order).one()
    asked = db.session.get_one(Automation, automation)
    answer = why_not(db.session(), store, words, "order", order.id, "Order 1", asked)
    assert "imported quietly" in answer.sentence


def test_the_next_change_fires_again() -> None:
    shop.publish_automation("Picked", "status_changed", actions=[shop.email_to()])
    shop.place_order("1", cause=QUIET)
    assert shop.place_order("1", status="picked").fired == 1


def test_an_old_order_is_in_its_status_since_it_was_placed() -> None:
    shop.place_order("1", placed_at=NOW - 90 * DAY, cause=QUIET)
    shop.place_order("2", placed_at=NOW + DAY, cause=QUIET)
    shop.place_order("3", placed_at=NOW - 90 * DAY)
    since = {order.number: order.status_since for order in db.session.query(Order)}
    assert since == {"1": NOW - 90 * DAY, "2": NOW, "3": NOW}


def test_customers_join_segments_without_an_occurrence() -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        conditions = [{"field": "tags", "operator": "contains", "value": "vip"}]
        session.add(
            Segment(store_id=store.id, name="VIPs", conditions=conditions, created_at=NOW, updated_at=NOW)
        )
        store.ruleset += 1
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        receive(session, store, "customer", [Change("C-77", {"tags": ["vip"]})], QUIET, NOW)
    assert db.session.query(SegmentMember).count() == 1
    assert [one.trigger for one in shop.occurrences()] == ["imported"]
