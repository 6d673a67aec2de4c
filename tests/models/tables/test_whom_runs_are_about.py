"""Runs and evaluations say which customer they are about, also those from before they did."""

from __future__ import annotations

from flask import Flask

from automations.models.db import schema
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import Run
from tests.kit import shop
from tests.kit.downgrading import downgrade

ROWS = (Run, Evaluation)


def _whose() -> list[list[int | None]]:
    db.session.remove()
    return [[row.customer_id for row in db.session.query(table).order_by(table.id)] for table in ROWS]


def test_the_migration_says_it_of_what_is_there(app: Flask) -> None:
    thanks = shop.publish_automation("Thanks", "created")
    shop.publish_automation("Welcome", "created", subject="customer")
    shop.publish_automation("Booked", "created", subject="event")
    once = shop.publish_automation("Once", "payment_status_changed")
    with write() as session:
        version = session.get_one(Automation, once).active_version
        assert version
        version.definition = version.definition | {"caps": {"once_per_record": True}}
    ann = shop.place_customer("C-50", first_name="Ann \u0001 “”").id
    shop.place_event("E-1", customer_id=ann)
    shop.place_order("1", customer_id=ann)
    shop.place_order("2")
    for status in ("paid", "unpaid"):
        shop.place_order("1", payment_status=status)
    before = _whose()
    assert before == [[ann, ann, ann, None, ann], [None, None, None, None, None, ann]] and thanks
    db.session.remove()
    downgrade("0040")
    schema.upgrade()
    assert _whose() == before
