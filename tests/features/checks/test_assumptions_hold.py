"""What the proofs take for granted about a trigger is so for every occurrence that is written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from automations.engine.checks.assumptions import Assumptions
from automations.engine.fields.subject import CHANGE_FROM, CHANGE_TO
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import missing
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.models.db.base import db
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.records.current_records import present
from automations.pipeline.records.evaluation_context import StoredContext
from tests.kit.shop import place_event, place_order
from tests.world import NOW

CHOICES = ("status", "payment_status", "fulfilment_method", "delivery_status")


def test_the_sides_of_a_change_are_as_the_proofs_take_them(app: Flask, bloom: Store) -> None:
    values = (("confirmed", "picked"), ("unpaid", "paid"), ("delivery", "collection"), ("booked", None))
    for minute, row in enumerate([*product(*values), *product(*values)]):
        moment = NOW + dt.timedelta(minutes=minute)
        day = dt.date(2027, 6, 14) if minute % 5 else None
        place_order("1", now=moment, delivery_date=day, **dict(zip(CHOICES, row, strict=True)))
        place_event("E-1", now=moment, status="draft" if minute % 3 else "completed")
    db.session.rollback()
    seen = set()
    for occurrence in db.session.query(Occurrence).filter(Occurrence.subject != "customer"):
        subject = SUBJECTS[occurrence.subject]
        kind = subject.triggers.get(occurrence.trigger)
        context = StoredContext.from_data(occurrence.at, occurrence.moment)
        sides = (occurrence.from_value, occurrence.to_value)
        facts = OccurrenceFacts(
            occurrence.subject, occurrence.trigger, occurrence.snapshot, *sides, context
        ).read()
        assumptions = Assumptions(subject.fields, subject.line_fields, kind)
        seen.add((occurrence.subject, occurrence.trigger))
        if status := assumptions.status:
            assert facts[CHANGE_TO] == facts[status] != facts[CHANGE_FROM]
            assert (facts[f"{status}@from"], facts[f"{status}@to"]) == (facts[CHANGE_FROM], facts[CHANGE_TO])
        for key, field in subject.fields.items():
            before, after = facts.get(f"{key}@from"), facts.get(f"{key}@to")
            assert after is None or after == facts[key]
            assert before is None or before != facts[key]
            assert occurrence.trigger != "created" or before is after is None
            if field.type in ("date", "datetime") and f"{key}@days" in facts:
                assert missing(facts[key]) is missing(facts[f"{key}@days"])
    assert {("order", "status_changed"), ("order", "payment_status_changed"), ("order", "changed")} < seen


def test_fields_that_depend_on_each_other_are_as_the_proofs_take_them(app: Flask, bloom: Store) -> None:
    day = dt.date(2027, 6, 14)
    roses = [{"name": "Roses", "quantity": 3, "unit_price": "4.00"}, {"name": "Card", "unit_price": "2.50"}]
    place_order("1", customer_id=1, lines=roses, delivery_date=day)
    place_order("1", amount_paid=Decimal("4.00"), now=NOW + dt.timedelta(hours=1))
    place_order("1", total=Decimal("-3.005"), lines=[], now=NOW + dt.timedelta(hours=2))
    place_order("2", total=Decimal("20.00"), amount_paid=Decimal("50.00"), status="cancelled", customer_id=2)
    place_event("E-1", total=Decimal("900.00"), amount_paid=Decimal("100.10"))
    db.session.rollback()
    pieces, bought = set(), set()
    for occurrence in db.session.query(Occurrence):
        context = StoredContext.from_data(occurrence.at, occurrence.moment)
        facts: dict[str, Any] = OccurrenceFacts(
            occurrence.subject, occurrence.trigger, occurrence.snapshot, context=context
        ).read()
        if "balance_due" in facts:
            assert facts["balance_due"] == facts["total"] - facts["amount_paid"]
        if occurrence.subject == "order":
            # A line that names no quantity is one piece.
            assert facts["item_count"] == sum(1 if one is None else one for one in facts["line.quantity"])
            pieces.add(facts["item_count"])
        if facts.get("delivery_date"):
            today = occurrence.at.astimezone(ZoneInfo(bloom.timezone)).date()
            assert facts["delivery_date@days"] == (day - today).days
    session = db.session()
    for id in (1, 2):
        customer = present(session, "customer", bloom, id)
        assert customer is not None
        facts = OccurrenceFacts("customer", "changed", customer.snapshot).read()
        bought.add(facts["order_count"])
        assert (facts["order_count"] == 0) is (facts["last_order_date"] is None)
        assert facts["order_count"] or facts["total_spent"] == 0
    assert pieces == {4, 0} and bought == {1, 0}
