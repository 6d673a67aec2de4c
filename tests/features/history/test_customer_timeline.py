"""The messages of a customer: what was sent, skipped or stopped, and what is coming."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.features.history.caps_left import caps_used, marketing_lately
from automations.features.history.customer_ahead import planned
from automations.features.history.customer_timeline import TimelinePage, timeline, waiting
from automations.features.merging.customer_merging import merge
from automations.models.accounts import merged_customers
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.kit.statements import plan_of, recorded_statements
from tests.kit.time import at, reached, timed
from tests.world import NOW

DAY = dt.timedelta(days=1)
LATER = {"when": "after", "amount": "2", "unit": "days"}


@pytest.fixture
def anna(app: Flask) -> int:
    """The id of a customer with an address."""
    return shop.place_customer("C-50", first_name="Ann", email="ann@example.org", marketing_consent=True).id


def _page(id: int, now: dt.datetime = NOW, **options: Any) -> TimelinePage:
    return timeline(db.session(), _words(), merged_customers.ids_of(db.session(), id), now, **options)


def _words() -> StoreWords:
    return StoreWords(db.session(), db.session.query(Store).filter_by(name="Bloom & Wild St").one())


def _cap(automation_id: int, **caps: Any) -> None:
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        version = automation.active_version
        assert version
        version.definition = version.definition | {"caps": caps}


def test_it_has_what_was_sent_skipped_and_stopped_about_them_their_orders_and_events(
    app: Flask, anna: int
) -> None:
    shop.publish_automation("Thanks", "created", actions=[shop.email_to(subject="Thank you")])
    text = {"kind": "send_sms", "settings": {"to": "customer", "number": "", "message": "Ready"}}
    shop.publish_automation("Ready", "created", subject="event", actions=[text])
    once = shop.publish_automation("Once", "payment_status_changed")
    _cap(once, once_per_record=True)
    shop.place_order("1", customer_id=anna)
    shop.place_event("E-1", customer_id=anna, now=NOW + DAY)
    for n, status in enumerate(("paid", "unpaid")):
        shop.place_order("1", payment_status=status, now=NOW + (2 + n) * DAY)
    shop.place_order("2", now=NOW)
    perform_due(NOW + 4 * DAY)
    page = _page(anna, NOW + 5 * DAY)
    found = [(entry.badge.word, entry.automation, entry.record, entry.reason) for entry in page.entries]
    assert found == [
        ("Over its cap", "Once", "Order 1", "It runs once for each record, and it already ran for this one."),
        ("Kept here", "Once", "Order 1", ""),
        ("Skipped", "Ready", "Event E-1", "The customer has no phone number."),
        ("Kept here", "Thanks", "Order 1", ""),
    ]
    sent = page.entries[-1].line
    assert sent and [letter.words for letter in sent.letters] == ["Thank you"]
    assert page.next is None


def test_it_is_paged_by_time_without_gaps_or_doubles(app: Flask, anna: int) -> None:
    capped = shop.publish_automation("Thanks", "status_changed")
    _cap(capped, once_per_record=True)
    shop.publish_automation("Noted", "created")
    # Several at the same instant, of both kinds.
    for number in range(5):
        shop.place_order(str(number), customer_id=anna)
        for status in ("picked", "confirmed"):
            shop.place_order(str(number), status=status)
    perform_due()
    everything = [entry.place for entry in _page(anna, limit=100).entries]
    assert len(everything) == 15 and everything == sorted(everything, reverse=True)
    for limit in (1, 2, 4, 7):
        places, below = [], None
        while True:
            page = _page(anna, below=below, limit=limit)
            places += [entry.place for entry in page.entries]
            below = page.next
            if below is None:
                break
        assert places == everything


def test_what_waits_is_coming_and_not_in_the_list_before_its_time(app: Flask, anna: int) -> None:
    shop.publish_automation("Later", "created", actions=[shop.email_to() | {"timing": LATER}])
    shop.place_order("1", customer_id=anna)
    assert _page(anna).entries == ()
    (entry,) = waiting(db.session(), _words(), [anna], NOW, 10)
    assert (entry.automation, entry.record, entry.at) == ("Later", "Order 1", NOW + 2 * DAY)
    perform_due(NOW + 2 * DAY)
    assert [entry.badge.word for entry in _page(anna, NOW + 2 * DAY).entries] == ["Kept here"]
    assert waiting(db.session(), _words(), [anna], NOW, 10) == ()


def test_a_message_stays_with_whom_the_order_was_of_when_it_was_sent(app: Flask, anna: int) -> None:
    shop.publish_automation("Thanks", "created")
    other = shop.place_customer("C-51", first_name="Other").id
    shop.place_order("1", customer_id=anna)
    shop.place_order("1", customer_id=other)
    assert len(_page(anna).entries) == 1 and _page(other).entries == ()


def test_changed_data_is_no_message(app: Flask, anna: int) -> None:
    change = {"kind": "change_data", "settings": {"field": "status", "value": "picked"}}
    shop.publish_automation("Mark", "created", actions=[change])
    shop.place_order("1", customer_id=anna)
    assert len(shop.runs()) == 1 and _page(anna).entries == ()


def test_the_messages_of_a_merged_customer_go_along(app: Flask, anna: int, bloom: Store, rosa: User) -> None:
    shop.publish_automation("Thanks", "created")
    other = shop.place_customer("C-51", first_name="Ann", email="a@example.org").id
    for number, id in (("1", anna), ("2", other)):
        shop.place_order(number, customer_id=id)
    with write() as session:
        merge(session, session.get_one(Store, bloom.id), anna, other, rosa.id, NOW)
    assert {entry.record for entry in _page(anna).entries} == {"Order 1", "Order 2"}


def test_dated_automations_are_foreseen_for_their_orders_with_the_time_of_the_message(
    app: Flask, anna: int, bloom: Store
) -> None:
    timed("Prepare", "date_reached", reached("delivery_date", "before", 1))
    delayed = [shop.email_to() | {"timing": LATER}]
    timed("Ask", "date_reached", reached("delivery_date", "after", 1), actions=delayed)
    paid = shop.condition("payment_status", "equals", "paid")
    timed("Never", "date_reached", reached("delivery_date", "after", 1), paid)
    shop.place_order("1", customer_id=anna, delivery_date=dt.date(2026, 11, 26))
    shop.place_order("2", delivery_date=dt.date(2026, 11, 26))
    found = planned(db.session(), bloom, anna, NOW, 10)
    assert [(one.automation, one.record, one.at) for one in found] == [
        ("Prepare", "Order 1", at("2026-11-25 09:00")),
        ("Ask", "Order 1", at("2026-11-29 09:00")),
    ]
    assert not found[0].marketing and found[0].action


def test_caps_say_when_the_next_is_possible(app: Flask, anna: int, bloom: Store) -> None:
    days = shop.publish_automation("Review", "created")
    _cap(days, once_per_customer_days=30)
    once = shop.publish_automation("Welcome", "field_changed", subject="customer", field="phone")
    _cap(once, once_per_record=True)
    assert caps_used(db.session(), bloom, [anna], NOW) == []
    shop.place_order("1", customer_id=anna)
    shop.place_customer("C-50", phone="+44 20 7946 0733")
    used = caps_used(db.session(), bloom, [anna], NOW + DAY)
    assert [(cap.automation, cap.days, cap.used_at, cap.next) for cap in used] == [
        ("Review", 30, NOW, NOW + 30 * DAY),
        ("Welcome", 0, NOW, None),
    ]
    assert [cap.automation for cap in caps_used(db.session(), bloom, [anna], NOW + 31 * DAY)] == ["Welcome"]


def test_marketing_of_the_last_week_is_counted(app: Flask, anna: int) -> None:
    settings = {"channel": "email", "subject": "New", "message": "Tulips"}
    marketing = {"kind": "send_marketing", "settings": settings}
    shop.publish_automation("News", "created", actions=[marketing])
    for number in range(3):
        shop.place_order(str(number), customer_id=anna)
    shop.set_run(shop.runs()[0].id, state="skipped")
    lately = marketing_lately(db.session(), [anna], NOW + DAY)
    assert (lately.count, lately.newest) == (2, NOW)
    assert marketing_lately(db.session(), [anna], NOW + 8 * DAY).count == 0


def test_a_page_reads_by_the_index_whatever_the_customer_got(app: Flask, anna: int) -> None:
    shop.publish_automation("Thanks", "created")
    shop.place_order("1", customer_id=anna)
    _grow(10_000)
    page = _page(anna, NOW + 30_000 * DAY)
    assert page.next
    with recorded_statements() as statements:
        second = _page(anna, NOW + 30_000 * DAY, below=page.next)
        waiting(db.session(), _words(), [anna], NOW, 10)
    assert len(second.entries) == 20
    asked = [
        one for one in statements if "run.customer_id =" in one[0] or "evaluation.customer_id =" in one[0]
    ]
    assert len(asked) == 3
    for statement in asked:
        if db.engine.dialect.name == "sqlite":
            steps = " ".join(plan_of(statement))
            assert "customer_id=? AND" in steps and "SCAN run" not in steps and "SCAN eval" not in steps
        else:
            _reads_by_index(statement)


def _grow(count: int) -> None:
    """Give the customer of the newest run so many more of it, each a minute later."""
    table = Run.metadata.tables["run"]
    # Each run has a position of its own in the same evaluation.
    rows = [
        {**dict(row), "id": row["id"] + n, "position": n, "due_at": NOW + n * dt.timedelta(minutes=1)}
        for row in db.session.execute(sa.select(table)).mappings().all()
        for n in range(1, count + 1)
    ]
    with write() as session:
        session.execute(sa.insert(table), [row | {"state": "succeeded"} for row in rows])
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _reads_by_index(statement: Any) -> None:
    text, values = statement
    connection = db.session().connection()
    answer = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", values).scalar()
    plans = json.loads(answer) if isinstance(answer, str) else answer
    todo, read = [one["Plan"] for one in plans], 0
    while todo:
        node = todo.pop()
        todo += node.get("Plans", ())
        if node.get("Relation Name"):
            read += node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    assert read <= 60
