"""An expectation over the recorded past, through the whole line: what kept it, what broke it and why."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from automations.engine.rules.rule import rule_from
from automations.features.authoring import shadow_mode
from automations.features.expectations import why_broken
from automations.features.expectations.beginnings import begun
from automations.features.expectations.follow import USUAL, Follow
from automations.features.expectations.past_judgement import PastJudgement, judged_past
from automations.features.past.firings import would_have_fired
from automations.features.past.period import Period
from automations.features.privacy import erasure
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.doing import perform_all
from tests.kit.expecting import DAY, MINUTE, RULE, confirming, pay, pay_and_send
from tests.kit.shop import condition, runs, set_run, switch_off
from tests.world import NOW

LATER = NOW + dt.timedelta(hours=2)


def past(store: Store, now: dt.datetime = LATER, **follow: str) -> PastJudgement:
    db.session.rollback()
    return judged_past(db.session(), store, RULE, Follow.of({**USUAL, **follow}), now)


def why(store: Store, found: PastJudgement, **follow: str) -> list[tuple[str, list[str]]]:
    """Return of each broken one, newest first, the order and its reasons in words."""
    wanted = Follow.of({**USUAL, **follow})
    rows = why_broken.explained(db.session(), StoreWords(db.session(), store), wanted, found.broken)
    return [(row.number, [f"{reason.automation}: {reason.text}" for reason in row.reasons]) for row in rows]


def test_one_email_in_time_keeps_it_and_two_or_none_break_it(bloom: Store) -> None:
    one = confirming()
    pay_and_send("1", NOW)
    pay_and_send("pickup", NOW, fulfilment_method="collection")
    other = confirming("Confirm again", now=NOW + MINUTE)
    pay_and_send("2", NOW + 2 * MINUTE)
    switch_off(other, NOW + 3 * MINUTE)
    switch_off(one, NOW + 3 * MINUTE)
    pay_and_send("3", NOW + 4 * MINUTE)
    found = past(bloom)
    assert (found.kept, len(found.broken), found.not_over, found.begun) == (1, 2, 0, 3)
    assert why(bloom, found) == [
        ("3", [": No automation that could have sent it watches this change."]),
        ("2", ["Confirm: ", "Confirm again: "]),
    ]
    assert past(bloom, count="at_least_one").kept == 2
    assert past(bloom, count="at_most_one").kept == 2
    assert past(bloom, count="none").kept == 1
    assert past(bloom, what="sms").kept == 0 and past(bloom, what="run").kept == 1


def test_of_one_automation_or_of_a_group_only_theirs_count(bloom: Store) -> None:
    one, other = confirming(), confirming("Confirm again")
    with write() as session:
        session.get_one(Automation, other).group_name = "Extras"
    pay_and_send("1", NOW)
    assert past(bloom, whose=f"automation:{one}").kept == 1
    assert past(bloom, whose="group:Extras").kept == 1
    assert past(bloom).kept == 0


def test_the_reason_names_what_stood_in_the_way(bloom: Store) -> None:
    big = condition("total", "greater_than", "40.00")
    id = confirming("Confirm", big)
    pay_and_send("small", NOW)
    pay_and_send("no-address", NOW + MINUTE, customer_id=2, total=Decimal(50))
    pay("waits", NOW + 2 * MINUTE, total=Decimal(50))
    pay("failed", NOW + 3 * MINUTE, total=Decimal(50))
    set_run(runs()[-1].id, state="failed", reason="The server said no.")
    pay_and_send_late("late", NOW + 4 * MINUTE)
    found = past(bloom, whose=f"automation:{id}")
    reasons = dict(why(bloom, found, whose=f"automation:{id}"))
    assert reasons["small"] == ["Confirm: Did not run: total is £0.00, needs over £40.00."]
    assert reasons["no-address"][0].startswith("Confirm: Skipped: ")
    assert reasons["failed"] == ["Confirm: Failed, needs you: the server said no."]
    assert reasons["waits"] == reasons["late"] == ["Confirm: Kept here after its time."]


def pay_and_send_late(number: str, now: dt.datetime) -> None:
    pay(number, now, total=Decimal(50))
    perform_all(now + 11 * MINUTE)


def test_what_only_would_have_been_sent_in_shadow_mode_is_not_sent(bloom: Store) -> None:
    id = confirming()
    with write() as session:
        automation = session.get_one(Automation, id)
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        shadow_mode.start(session, automation, rosa, 7, NOW)
    switch_off(id)
    pay_and_send("1", NOW + MINUTE)
    found = past(bloom)
    assert found.kept == 0
    assert why(bloom, found) == [("1", ["Confirm: Would have run (shadow)."])]


def test_it_is_judged_only_once_its_time_is_over(bloom: Store) -> None:
    pay("1", NOW)
    early = past(bloom, NOW + 10 * MINUTE)
    assert (early.judged, early.not_over) == (0, 1)
    assert len(past(bloom, NOW + 12 * MINUTE).broken) == 1


def test_records_of_an_erased_customer_are_left_out(bloom: Store) -> None:
    confirming()
    pay_and_send("1", NOW)
    pay_and_send("2", NOW, customer_id=2)
    with write() as session:
        erasure.erase(session, bloom, session.get_one(Customer, 2), NOW + MINUTE)
    found = past(bloom)
    assert (found.kept, found.broken, found.erased) == (1, (), 1)


def test_a_retention_that_cut_the_period_is_named(bloom: Store) -> None:
    with write() as session:
        session.merge(bloom).created_at = NOW - 90 * DAY
        session.merge(bloom).retention = {"nothing": 20}
    assert past(bloom).known_from == dt.datetime(2026, 11, 3, tzinfo=dt.UTC)


def test_another_store_has_nothing_of_it(bloom: Store) -> None:
    confirming()
    pay_and_send("1", NOW)
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    assert past(thorn).begun == 0


@pytest.mark.parametrize("trigger", ["created", "payment_status_changed", "field_changed"])
def test_reading_the_log_as_it_comes_finds_what_the_columns_find(bloom: Store, trigger: str) -> None:
    for place in range(6):
        pay(str(place), NOW + place * MINUTE, total=Decimal(place * 20))
    start = {"key": trigger, "from": None, "to": None}
    over = condition("total", "at_least", "40.00")
    rule = rule_from(0, {"subject": "order", "trigger": start, "conditions": [over]})
    period = Period(NOW + MINUTE, NOW + 5 * MINUTE, 30)
    db.session.rollback()
    words = StoreWords(db.session(), bloom)
    found = begun(db.session(), words, rule, period.since, period.until)
    assert found == would_have_fired(db.session(), bloom, rule, period) and found
