"""Pinned examples: asked on their own frozen moment, whatever became of the record and its log since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from automations.engine.rules.rule import rule_from
from automations.features.authoring import publish
from automations.features.authoring.publish import ExamplesBreak
from automations.features.examples import answering, checking, pinning
from automations.features.examples.checking import Asked
from automations.features.examples.pinning import NotPinned, Pin
from automations.features.history.listeners import OccurrenceToExplain
from automations.features.privacy import erasure
from automations.features.trial.pin_trial import pin_trial
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.example import Example
from automations.models.tables.people import Audit, User
from automations.models.tables.store import Store
from automations.worker import cleanup
from tests.kit import shop
from tests.kit.own_fields import own_field
from tests.kit.time import reached, scan_through, timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
OVER_40 = shop.condition("total", "greater_than", "40.00")
DELIVERED = shop.condition("fulfilment_method", "equals", "delivery")
DAY = dt.timedelta(days=1)
ZEPHYRINE = {"first_name": "Zephyrine", "last_name": "Quillfeather", "email": "z@quill.example"}
QUILL = shop.condition("customer.email", "contains", "quill")


def pin(automation_id: int, must_fire: bool = True, place: int = -1, note: str = "") -> int:
    """Pin the occurrence at `place`, by default the newest; return the example's id."""
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        automation = session.get_one(Automation, automation_id)
        by = Pin(must_fire, rosa, NOW, note)
        occurrence = shop.occurrences()[place]
        return pinning.pin_occurrence(session, StoreWords(session, store), automation, occurrence, by).id


def ask(automation_id: int, data: Mapping[str, Any] | None = None) -> Asked:
    automation = db.session.get_one(Automation, automation_id)
    store = db.session.get_one(Store, automation.store_id)
    words = StoreWords(db.session(), store)
    return checking.ask(db.session(), words, automation, data or automation.draft)


def sentences(automation_id: int, **draft: Any) -> list[str]:
    data = db.session.get_one(Automation, automation_id).draft
    return [answer.sentence for answer in ask(automation_id, {**data, **draft}).answers]


def erase(customer_number: str) -> None:
    with write() as session:
        customer = session.query(Customer).filter_by(number=customer_number).one()
        erasure.erase(session, session.get_one(Store, customer.store_id), customer, NOW)


def test_an_example_says_what_is_expected_and_what_comes_of_it() -> None:
    automation = shop.draft_automation("Big ones", "created", OVER_40)
    shop.place_order("0987", total=Decimal("86.50"))
    pin(automation)
    assert sentences(automation) == ["#0987 must fire, and does: total £86.50 is over £40.00."]
    hundred = [shop.condition("total", "greater_than", "100.00")]
    broken = "#0987 must fire, but would not: total is £86.50, needs over £100.00."
    assert sentences(automation, conditions=hundred) == [broken]
    pin(automation, must_fire=False)
    assert sentences(automation) == ["#0987 must not fire, but would: total £86.50 is over £40.00."]
    assert [ask(automation).summary, len(ask(automation).breaking)] == ["0 of 1 behave as expected", 1]
    db.session.get_one(Automation, automation)
    assert sentences(automation, conditions=hundred)[0].startswith("#0987 must not fire, and does not")


def test_it_is_judged_as_the_log_judges_what_it_was_pinned_from() -> None:
    automation = shop.draft_automation("Any", "payment_status_changed", OVER_40, DELIVERED)
    shop.place_order("1", payment_status="unpaid", total=Decimal("10.00"))
    for step, values in enumerate(
        ({"payment_status": "paid"}, {"total": Decimal(50)}, {"payment_status": "void"})
    ):
        shop.place_order("1", **values, now=NOW + step * DAY)
    for place, occurrence in enumerate(shop.occurrences()):
        example = db.session.get_one(Example, pin(automation, place=place))
        for condition in (OVER_40, DELIVERED, shop.condition("payment_status", "changed_from", "unpaid")):
            rule = rule_from(
                0, {**db.session.get_one(Automation, automation).draft, "conditions": [condition]}
            )
            by_log = OccurrenceToExplain(shop.occurrences()[place]).explain(rule)
            assert answering.explain_example(example, rule) == by_log, (occurrence.trigger, condition)


def test_publishing_is_held_back_while_an_example_breaks_unless_a_reason_is_given() -> None:
    automation_id = shop.draft_automation("Big ones", "created", OVER_40)
    shop.place_order("0987", total=Decimal("32.50"))
    pin(automation_id)
    broken = "Pinned example #0987 must fire, but would not: total is £32.50, needs over £40.00."
    with pytest.raises(ExamplesBreak) as refused, write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        publish.publish(session, session.get_one(Automation, automation_id), rosa, NOW, reason="   ")
    assert [problem.sentence for problem in refused.value.problems] == [broken]
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        assert checking.broken(session, automation, automation.draft) == ask(automation_id).breaking
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        assert publish.publish(session, automation, rosa, NOW, reason=" The rule  is right ").number == 1
    row = db.session.query(Audit).filter(Audit.action.contains("set broken")).one()
    examples = ["#0987 must fire, but would not"]
    assert row.after == {"reason": "The rule is right", "examples": examples}
    assert row.about == "automation “Big ones”"


def test_an_example_that_cannot_be_judged_is_an_error_and_not_a_silent_no() -> None:
    automation = shop.draft_automation("Big ones", "created", OVER_40)
    shop.place_order("0987", total=Decimal("32.50"))
    example_id = pin(automation, must_fire=False)
    with write() as session:
        example = session.get_one(Example, example_id)
        example.snapshot = {**example.snapshot, "total": "a lot"}
    (answer,) = ask(automation).answers
    assert (answer.state, answer.fires, answer.is_breaking) == (answering.ERROR, None, True)
    assert answer.sentence.startswith("#0987 must not fire, but can’t be judged: Total")


def test_it_outlives_the_log_entry_it_was_pinned_from() -> None:
    automation = shop.draft_automation("Big ones", "created", OVER_40)
    shop.place_order("0987", total=Decimal("86.50"), now=NOW - 3000 * DAY)
    pin(automation)
    before = sentences(automation)
    shop.place_order("0987", total=Decimal("1.00"))
    db.session.rollback()
    assert cleanup.clean_up(None, NOW, lambda seconds: True).occurrences == 1
    assert sentences(automation) == before


def test_after_erasing_the_verdict_stays_where_the_lost_values_do_not_matter() -> None:
    ribbon = own_field("Ribbon text")
    automation = shop.draft_automation("Big ones", "created", OVER_40)
    customer = shop.place_customer(
        "C-77", first_name="Zephyrine", last_name="Quillfeather", email="z@quill.example"
    )
    own = {ribbon.removeprefix("custom."): "For Zephyrine"}
    shop.place_order(
        "0987", customer_id=customer.id, total=Decimal("86.50"), note="Zephyrine calls", custom=own
    )
    pin(automation, note="Zephyrine’s big one")
    before = sentences(automation)
    assert sentences(automation, conditions=[QUILL])[0].startswith("#0987 must fire, and does")
    erase("C-77")
    example = db.session.query(Example).one()
    assert "Zephyrine" not in str((example.snapshot, example.note)) and "quill" not in str(example.snapshot)
    assert sentences(automation) == before
    lost = "the person was erased, and the rule asks for customer’s email"
    assert sentences(automation, conditions=[QUILL]) == [
        f"#0987 must fire, can’t be judged any more: {lost}."
    ]
    either = {"match": "any", "conditions": [QUILL, OVER_40]}
    assert sentences(automation, conditions=[either])[0].startswith("#0987 must fire, and does")
    small = shop.condition("total", "less_than", "10.00")
    assert sentences(automation, conditions=[QUILL, small]) == [
        "#0987 must fire, but would not: total is £86.50, needs under £10.00."
    ]
    for field in ("note", ribbon):
        assert not ask(automation, data_with(automation, shop.condition(field, "contains", "roses"))).breaking
    present = ask(automation, data_with(automation, shop.condition("note", "is_not_empty"))).answers[0]
    assert present.state == answering.OK


def data_with(automation_id: int, *conditions: dict[str, Any]) -> dict[str, Any]:
    return {**db.session.get_one(Automation, automation_id).draft, "conditions": list(conditions)}


def test_an_entry_pinned_after_erasing_knows_what_it_lost() -> None:
    automation = shop.draft_automation(
        "Quill", "created", shop.condition("customer.email", "contains", "quill")
    )
    customer = shop.place_customer(
        "C-77", first_name="Zephyrine", last_name="Quillfeather", email="z@quill.example"
    )
    shop.place_order("0987", customer_id=customer.id)
    erase("C-77")
    pin(automation, must_fire=False)
    assert ask(automation).answers[0].state == answering.ERASED


def test_another_trigger_does_not_ask_it_any_more() -> None:
    automation = shop.draft_automation("Paid", "payment_status_changed", after="paid")
    shop.place_order("0987", payment_status="unpaid")
    shop.place_order("0987", payment_status="paid")
    pin(automation)
    assert sentences(automation) == ["#0987 must fire, and does: it has no conditions."]
    created = {"key": "created", "from": None, "to": None}
    gone = "#0987 must fire, not asked any more: the automation starts by another trigger."
    assert sentences(automation, trigger=created) == [gone]
    asked = ask(automation, {**data_with(automation), "trigger": created})
    assert (asked.summary, asked.breaking) == ("1 not asked any more", ())
    # A change of any field hears of this one too.
    assert (
        ask(automation, data_with(automation) | {"trigger": created | {"key": "field_changed"}}).judged == 1
    )
    void = {"key": "payment_status_changed", "from": None, "to": "void"}
    assert sentences(automation, trigger=void) == [
        "#0987 must fire, but would not: payment status changed to Paid, needs Void."
    ]


def test_an_unfinished_rule_asks_nothing_yet() -> None:
    automation = shop.draft_automation("Big ones", "created", OVER_40)
    shop.place_order("0987", total=Decimal("86.50"))
    pin(automation)
    asked = ask(automation, data_with(automation, shop.condition("total", "greater_than")))
    assert [answer.state for answer in asked.answers] == [answering.UNFINISHED] and not asked.breaking


def test_other_times_of_a_time_trigger_do_not_ask_it(bloom: Store) -> None:
    automation = timed("Soon", "date_reached", reached("delivery_date", "before", 3))
    shop.place_order("0987", delivery_date=(NOW + 4 * DAY).date())
    scan_through(NOW, NOW + 2 * DAY, DAY / 2)
    pin(automation)
    assert sentences(automation) == ["#0987 must fire, and does: it has no conditions."]
    trigger = db.session.get_one(Automation, automation).draft["trigger"]
    sooner = {**trigger, "schedule": {**trigger["schedule"], "amount": "1"}}
    assert (
        ask(automation, {**data_with(automation), "trigger": sooner}).answers[0].why.endswith("other times")
    )


def test_a_test_fire_is_pinned_with_the_change_it_assumed(bloom: Store) -> None:
    automation_id = shop.draft_automation(
        "Paid", "payment_status_changed", OVER_40, before="unpaid", after="paid"
    )
    shop.place_order("0987", payment_status="paid", total=Decimal("86.50"))
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        automation, store = session.get_one(Automation, automation_id), session.get_one(Store, bloom.id)
        words, by = StoreWords(session, store), Pin(True, rosa, NOW)
        for record in ("0987", "sample:paid_collection"):
            pin_trial(session, store, words, automation, automation.draft, record, by)
        with pytest.raises(NotPinned, match="There is no order 1"):
            pin_trial(session, store, words, automation, automation.draft, "1", by)
    shop.place_order("0987", payment_status="void", total=Decimal("1.00"))
    assert [answer.state for answer in ask(automation_id).answers] == [answering.OK, answering.OK]
    assert sentences(automation_id)[1].startswith("A sample collection order, paid must fire, and does")


def test_there_is_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinning, "MOST", 1)
    automation = shop.draft_automation("Any", "created")
    shop.place_order("1")
    shop.place_order("2")
    pin(automation)
    with pytest.raises(NotPinned, match="Remove one first"):
        pin(automation, place=0)
