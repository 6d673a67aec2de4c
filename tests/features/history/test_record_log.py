"""What the log of a record says, computed from facts that never change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from automations.features.history import record_log
from automations.features.history.log_entries import LogEntry, LogPage, VerdictLine
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.run import Attempt, Message
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.statements import plan_of, recorded_statements
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DELIVERY = shop.condition("fulfilment_method", "equals", "delivery")
OVER_40 = shop.condition("total", "greater_than", "40.00")


def log(store: Store, number_id: int, **options: Any) -> LogPage:
    words = StoreWords(db.session(), store)
    return record_log.log_for_record(db.session(), store, words, "order", number_id, **options)


def only_verdict(entry: LogEntry) -> VerdictLine:
    (verdict,) = entry.verdicts
    return verdict


def test_entries_are_listed_newest_first_in_words(bloom: Store) -> None:
    order = shop.place_order()
    shop.place_order(payment_status="paid", total=Decimal("86.50"))
    latest, first = log(bloom, order.id).entries
    assert (latest.trigger, latest.change, latest.also) == (
        "Payment status changed",
        "Unpaid → Paid",
        ("Total",),
    )
    assert (first.trigger, first.change) == ("Created", "Unconfirmed, Unpaid")
    assert (first.record, first.cause, first.at) == ("Order 10482", "till “Front desk”", NOW)


def test_a_fired_automation_shows_its_version_and_every_condition(bloom: Store) -> None:
    shop.publish_automation("Confirm paid deliveries", "created", DELIVERY, OVER_40)
    order = shop.place_order(fulfilment_method="delivery", total=Decimal("86.50"))
    verdict = only_verdict(log(bloom, order.id).entries[0])
    assert (verdict.name, verdict.version, verdict.outcome) == ("Confirm paid deliveries", 1, "fired")
    assert [(chip.text, chip.holds) for chip in verdict.chips] == [
        ("Fulfilment method is Delivery", True),
        ("Total £86.50 is over £40.00", True),
    ]


def test_one_that_did_not_apply_shows_actual_and_needed_values(bloom: Store) -> None:
    shop.publish_automation("Confirm", "created", DELIVERY)
    order = shop.place_order(fulfilment_method="collection")
    verdict = only_verdict(log(bloom, order.id).entries[0])
    assert (verdict.outcome, verdict.badge.word) == ("not_applicable", "Not applicable")
    assert [chip.text for chip in verdict.chips] == ["Fulfilment method is Collection, needs Delivery"]


def test_the_log_evaluates_the_snapshot_not_todays_record(bloom: Store) -> None:
    shop.publish_automation("Confirm", "created", DELIVERY)
    order = shop.place_order(fulfilment_method="collection")
    shop.place_order(fulfilment_method="delivery")
    created = log(bloom, order.id).entries[-1]
    assert only_verdict(created).chips[0].holds is False


def test_the_three_nearest_misses_are_shown_and_the_rest_counted(bloom: Store) -> None:
    for place in range(5):
        shop.publish_automation(f"Far {place}", "created", DELIVERY, OVER_40)
    shop.publish_automation("Near", "created", DELIVERY, shop.condition("total", "less_than", "40.00"))
    order = shop.place_order(fulfilment_method="collection", total=Decimal("10.00"))
    (entry,) = log(bloom, order.id).entries
    assert entry.verdicts[0].name == "Near"
    assert (len(entry.verdicts), entry.more) == (3, 3)


def test_a_single_occurrence_shows_every_listener(bloom: Store) -> None:
    for place in range(5):
        shop.publish_automation(f"Rule {place}", "created", DELIVERY)
    shop.place_order(fulfilment_method="collection")
    (occurrence,) = shop.occurrences()
    entry = record_log.one_occurrence(db.session(), StoreWords(db.session(), bloom), occurrence)
    assert (len(entry.verdicts), entry.more) == (5, 0)


def test_an_automation_that_was_off_or_published_later_is_not_in_the_log(bloom: Store) -> None:
    off = shop.publish_automation("Off", "created", DELIVERY)
    shop.switch_off(off)
    order = shop.place_order(fulfilment_method="delivery")
    shop.publish_automation("Later", "created", DELIVERY)
    assert log(bloom, order.id).entries[0].verdicts == ()


def test_switching_off_later_does_not_change_the_earlier_log(bloom: Store) -> None:
    automation = shop.publish_automation("Confirm", "created", DELIVERY)
    order = shop.place_order(fulfilment_method="collection")
    before = log(bloom, order.id).entries[0].verdicts
    shop.switch_off(automation)
    assert log(bloom, order.id).entries[0].verdicts == before


@pytest.mark.parametrize(
    ("values", "run_word", "badge"),
    [
        ({"state": "succeeded"}, "Sent", "Sent"),
        ({"state": "waiting"}, "Waiting", "Waiting"),
        ({"state": "running", "tries": 1}, "Sending", "Waiting"),
        ({"state": "waiting", "tries": 1, "reason": "503"}, "Failing", "Failing"),
        ({"state": "failed", "reason": "550 no such user"}, "Failed, needs you", "Failed"),
        ({"state": "unknown", "reason": "no answer"}, "Unknown, needs you", "Unknown"),
        ({"state": "skipped", "reason": "no address"}, "Skipped", "Skipped"),
        ({"state": "cancelled", "reason": "switched off"}, "Cancelled", "Nothing done"),
    ],
)
def test_a_run_is_described_in_the_managers_words(
    bloom: Store, values: dict[str, object], run_word: str, badge: str
) -> None:
    shop.publish_automation("Thank you", "created")
    order = shop.place_order()
    shop.set_run(shop.runs()[0].id, **values)
    verdict = only_verdict(log(bloom, order.id).entries[0])
    assert (verdict.runs[0].badge.word, verdict.badge.word) == (run_word, badge)
    assert verdict.runs[0].reason == values.get("reason", "")


def test_an_evaluation_is_named_after_its_worst_run(bloom: Store) -> None:
    shop.publish_automation("Thank you", "created", actions=[shop.email_to(), shop.email_to("manager")])
    order = shop.place_order()
    good, bad = shop.runs()
    shop.set_run(good.id, state="succeeded")
    shop.set_run(bad.id, state="failed", reason="550 no such user")
    assert only_verdict(log(bloom, order.id).entries[0]).badge.word == "Failed"


def test_a_run_shows_its_attempts_and_the_message_sent(bloom: Store) -> None:
    shop.publish_automation("Thank you", "created")
    order = shop.place_order()
    run_id = shop.runs()[0].id
    with write() as session:
        session.add(
            Attempt(run_id=run_id, number=1, result="sent", started_at=NOW, prepared={"to": "a@b.example"})
        )
        letter = {
            "channel": "email",
            "connector": "mailbox",
            "to": "a@b.example",
            "subject": "Hi",
            "body": "Hello",
        }
        session.add(Message(store_id=bloom.id, run_id=run_id, at=NOW, **letter))
    (run,) = only_verdict(log(bloom, order.id).entries[0]).runs
    assert run.to == ("a@b.example",)
    assert [one.result for one in run.tries] == ["sent"]
    assert [(one.words, one.connector) for one in run.letters] == [("Hi", "mailbox")]


def test_a_rule_that_cannot_be_evaluated_is_an_error_not_a_no(bloom: Store) -> None:
    shop.publish_automation("Tagged", "created", shop.condition("tags", "contains", "vip"))
    order = shop.place_order(tags="vip")
    verdict = only_verdict(log(bloom, order.id).entries[0])
    assert (verdict.outcome, verdict.badge.word) == ("error", "Could not be checked")
    assert "vip" in verdict.error


def test_pages_are_read_by_key(bloom: Store) -> None:
    order = shop.place_order()
    for status in ("confirmed", "picked", "fulfilled"):
        shop.place_order(status=status)
    first = log(bloom, order.id, limit=2)
    second = log(bloom, order.id, limit=2, before=first.next)
    assert [entry.change for entry in first.entries] == ["Picked → Fulfilled", "Confirmed → Picked"]
    assert [entry.trigger for entry in second.entries] == ["Status changed", "Created"]
    assert second.next is None


def test_the_filter_keeps_only_entries_with_that_outcome(bloom: Store) -> None:
    shop.publish_automation("Paid", "payment_status_changed", after="paid")
    order = shop.place_order()
    shop.place_order(payment_status="paid")
    shop.place_order(payment_status="refunded")
    asked = ("fired", "not_applicable", "wrong")
    fired, missed, failing = (log(bloom, order.id, outcome=one) for one in asked)
    assert [entry.change for entry in fired.entries] == ["Unpaid → Paid"]
    assert [entry.change for entry in missed.entries] == ["Paid → Refunded"]
    assert failing.entries == ()
    shop.set_run(shop.runs()[0].id, state="failed", reason="550")
    assert len(log(bloom, order.id, outcome="wrong").entries) == 1


def test_twenty_entries_take_as_many_queries_as_two(bloom: Store) -> None:
    shop.publish_automation("Every change", "status_changed")
    shop.publish_automation("Big ones", "status_changed", OVER_40)
    order = shop.place_order()
    for _ in range(10):
        shop.place_order(status="confirmed")
        shop.place_order(status="picked")
    log(bloom, order.id, limit=1)
    with recorded_statements() as few:
        log(bloom, order.id, limit=2)
    with recorded_statements() as many:
        log(bloom, order.id, limit=20)
    assert len(few) == len(many) < 10


def test_another_stores_records_are_not_in_the_log(bloom: Store) -> None:
    theirs = shop.place_order("1", "Thorn & Co")
    assert log(bloom, theirs.id).entries == ()


@pytest.mark.parametrize("outcome", [None, "fired", "failing"])
def test_the_log_of_a_record_is_read_through_its_index(bloom: Store, outcome: str | None) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    order = shop.place_order()
    with recorded_statements() as statements:
        log(bloom, order.id, outcome=outcome, before=10**6)
    plan = plan_of(next(one for one in statements if "FROM occurrence" in one[0]))
    assert any("ix_occurrence_record" in step for step in plan)
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan)
