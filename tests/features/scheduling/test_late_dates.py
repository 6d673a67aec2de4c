"""A reminder whose time was over when its date was set: sent at once within a limit, or skipped."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from automations.features.history.record_log import log_for_record
from automations.features.history.why_not import WhyNotAnswer, why_not
from automations.features.scheduling import scan
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.schedule_progress import Due
from automations.models.tables.store import Store
from tests.kit.doing import perform_due
from tests.kit.own_fields import own_field
from tests.kit.shop import condition, email_to, place_order, publish_automation, runs, switch_off
from tests.kit.time import at, dues, publish_schedule, reached, scan_through, timed
from tests.world import NOW

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
#: NOW is the 22nd, 10:00: the time for a delivery tomorrow was an hour ago.
TOMORROW, IN_TWO_DAYS = dt.date(2026, 11, 23), dt.date(2026, 11, 24)
OVER = at("2026-11-22 09:00")
START = at("2026-11-20 10:00")
DAY_BEFORE = reached("delivery_date", "before", 1)
SEND = {"late": "send", "late_within": "3", "late_unit": "hours"}
BRIEFLY = SEND | {"late_within": "30", "late_unit": "minutes"}
UNPAID = condition("payment_status", "equals", "unpaid")

WHEN_SET = "Remind was due for Order 10482 on {since}, which was over already when the delivery date was set"


@pytest.mark.parametrize("step", [MINUTE, 7 * HOUR, 3 * DAY])
def test_it_is_sent_at_once_whenever_the_worker_looks(app: Flask, step: dt.timedelta) -> None:
    id = timed("Remind", "date_reached", DAY_BEFORE | SEND, now=START)
    placed = place_order(delivery_date=TOMORROW, customer_id=_anna())
    scan_through(NOW if step == MINUTE else START, NOW + max(step, 5 * MINUTE), step)
    scan.scan(NOW + 4 * DAY)
    assert dues(id) == [(placed.id, OVER)]
    (run,) = runs()
    perform_due(run.due_at)
    answer = _why(placed.id, id)
    assert answer.ran and answer.sentence == (
        "Remind did run for Order 10482. Its time was over when the date was set, so it ran at once."
    )
    assert _causes(id) == ["the clock, at once: the time was over when the date was set"]


@pytest.mark.parametrize("step", [HOUR, 3 * DAY])
@pytest.mark.parametrize(
    ("late", "reason"),
    [
        ({}, ". It skips what is over."),
        ({"late": "skip"}, ". It skips what is over."),
        (BRIEFLY, ", for 1 hour. It may be at most 30 minutes late."),
    ],
)
def test_it_is_skipped_with_the_reason(
    app: Flask, late: dict[str, Any], reason: str, step: dt.timedelta
) -> None:
    id = timed("Remind", "date_reached", DAY_BEFORE | late, now=START)
    placed = place_order(delivery_date=TOMORROW)
    scan_through(START, NOW + 4 * DAY, step)
    assert dues(id) == [] and runs() == []
    answer = _why(placed.id, id)
    assert (answer.sentence, answer.since) == (WHEN_SET + reason, OVER)


@pytest.mark.parametrize(
    ("late", "state", "reason"),
    [
        (SEND, "waiting", None),
        ({}, "waiting", None),
        (
            {"late": "skip"},
            "skipped",
            "It was due on 22 Nov 2026 09:00 GMT, which was over already. This action skips what is over.",
        ),
        (
            BRIEFLY,
            "skipped",
            "It was due on 22 Nov 2026 09:00 GMT, which was over already for 1 hour. "
            "It may be at most 30 minutes late.",
        ),
    ],
)
def test_an_action_around_a_date_says_it_in_the_same_way(
    app: Flask, late: dict[str, Any], state: str, reason: str | None
) -> None:
    id = publish_automation("Remind", "created", actions=[email_to() | {"timing": _timing(late)}])
    placed = place_order(delivery_date=TOMORROW, customer_id=_anna())
    (run,) = runs()
    assert (run.state, run.reason, run.due_at) == (state, reason, NOW)
    answer = _why(placed.id, id)
    if reason:
        assert answer.sentence == f"Remind fired for Order 10482, and nothing was done: {reason}"
        return
    perform_due(NOW)
    assert answer.ran
    (line,) = _log(placed.id)[0].verdicts[0].runs
    assert line.reason == "It was due on 22 Nov 2026 09:00 GMT, which was over already: it left at once."


def test_a_date_that_moves_closer_while_an_action_waits_is_late_too(app: Flask) -> None:
    timing = _timing({"late": "skip"})
    publish_automation("Remind", "created", actions=[email_to() | {"timing": timing}])
    place_order(delivery_date=dt.date(2026, 11, 27), customer_id=_anna())
    place_order(delivery_date=IN_TWO_DAYS, now=NOW + HOUR)
    perform_due(at("2026-11-26 09:00"))
    db.session.rollback()
    (run,) = runs()
    assert (run.state, run.reason) == (
        "cancelled",
        "It was due on 23 Nov 2026 09:00 GMT, which was over already. This action skips what is over.",
    )


def test_a_date_that_moves_is_set_anew(app: Flask) -> None:
    id = timed("Remind", "date_reached", DAY_BEFORE | SEND, now=START)
    placed = place_order(delivery_date=dt.date(2026, 12, 20), now=START)
    scan_through(START, NOW - HOUR, HOUR)
    place_order(delivery_date=TOMORROW, note="Sooner", now=NOW)
    place_order(note="Ring twice", now=NOW + MINUTE)
    scan_through(NOW + 2 * MINUTE, NOW + HOUR, MINUTE)
    assert dues(id) == [(placed.id, OVER)]


def test_another_change_of_the_record_sends_nothing(app: Flask) -> None:
    id = timed("Remind", "date_reached", DAY_BEFORE | SEND, UNPAID, now=START)
    place_order(delivery_date=TOMORROW, payment_status="paid", now=START)
    scan_through(START, NOW, 30 * MINUTE)
    place_order(payment_status="unpaid", now=NOW + MINUTE)
    scan_through(NOW + 2 * MINUTE, NOW + 3 * HOUR, MINUTE)
    assert dues(id) == []


def test_conditions_are_those_of_the_record_and_the_answer_names_them(app: Flask) -> None:
    id = timed("Remind", "date_reached", DAY_BEFORE | SEND, UNPAID, now=START)
    placed = place_order(delivery_date=TOMORROW, payment_status="paid")
    scan_through(NOW, NOW + HOUR, MINUTE)
    assert dues(id) == []
    assert _why(placed.id, id).sentence == (
        f"{WHEN_SET}. Order 10482 · Remind did not run: payment status is Paid, needs Unpaid."
    )


def test_of_several_times_that_are_over_the_last_is_sent(app: Flask) -> None:
    again = {"repeat_every": "1", "repeat_unit": "hours", "repeat_times": "5"}
    id = timed("Remind", "date_reached", DAY_BEFORE | SEND | again | {"time": "07:00"}, now=START)
    placed = place_order(delivery_date=TOMORROW, now=at("2026-11-22 09:30"))
    scan_through(at("2026-11-22 09:30"), at("2026-11-22 14:00"), 10 * MINUTE)
    assert dues(id) == [(placed.id, at(f"2026-11-22 {hour}:00")) for hour in ("09", "10", "11", "12")]


def test_a_field_of_the_stores_own_is_a_date_like_any_other(app: Flask) -> None:
    visit = own_field("Visit", "date")
    own_field("Return", "date")
    id = timed("Remind", "date_reached", reached(visit, "before", 1) | SEND, now=START)
    placed = place_order(custom={"visit": "2026-12-20"}, now=START)
    scan_through(START, NOW - HOUR, HOUR)
    place_order(custom={"visit": TOMORROW.isoformat()}, now=NOW)
    place_order(custom={"return": "2026-12-24"}, now=NOW + 2 * MINUTE)
    scan_through(NOW + 3 * MINUTE, NOW + HOUR, MINUTE)
    assert dues(id) == [(placed.id, OVER)]


def test_publishing_sends_nothing_for_dates_set_before(app: Flask) -> None:
    place_order(delivery_date=TOMORROW)
    id = timed("Remind", "date_reached", DAY_BEFORE | SEND, now=NOW + MINUTE)
    scan_through(NOW + 2 * MINUTE, NOW + HOUR, MINUTE)
    assert dues(id) == []
    publish_schedule(id, DAY_BEFORE | SEND | {"late_within": "9"}, NOW + HOUR)
    scan_through(NOW + HOUR, NOW + 2 * HOUR, MINUTE)
    assert dues(id) == []


def test_what_does_not_fire_writes_nothing_and_is_evaluated_once(app: Flask) -> None:
    id = timed("Remind", "date_reached", DAY_BEFORE, UNPAID, now=START)
    ids = [
        place_order(str(n), delivery_date=TOMORROW, payment_status="paid", now=START).id for n in range(30)
    ]
    unpaid = place_order("unpaid", delivery_date=TOMORROW, now=START)
    written = db.session.query(Occurrence).count()
    assert scan.scan(OVER + dt.timedelta(seconds=5)) == 1
    # Within the minute that is looked at again, the condition comes true: too late.
    place_order("3", payment_status="unpaid", now=OVER + dt.timedelta(seconds=20))
    scan_through(OVER + dt.timedelta(seconds=21), OVER + 5 * MINUTE, dt.timedelta(seconds=20))
    assert dues(id) == [(unpaid.id, OVER)]
    assert db.session.query(Occurrence).count() == written + 2
    assert db.session.query(Due).count() == 1
    assert "payment status is Paid, needs Unpaid" in _why(ids[3], id, OVER + HOUR).sentence
    assert "payment status is Paid, needs Unpaid" in _why(ids[4], id, OVER + HOUR).sentence


def test_the_answer_is_about_the_date_and_the_status_of_that_time(app: Flask) -> None:
    by_date = timed("Remind", "date_reached", DAY_BEFORE, UNPAID, now=START)
    lasting = {"status_field": "status", "status": "confirmed", "amount": "1", "unit": "days"}
    stays = timed("Chase", "stays_in_status", lasting, UNPAID, now=START)
    placed = place_order(delivery_date=TOMORROW, status="confirmed", payment_status="paid", now=START)
    scan_through(START, NOW, 10 * MINUTE)
    place_order(delivery_date=None, status="picked", payment_status="unpaid", now=NOW)
    scan.scan(NOW + HOUR)
    for id, since in ((by_date, OVER), (stays, START + DAY)):
        answer = _why(placed.id, id)
        assert answer.sentence.endswith(
            "did not run: payment status is Paid, needs Unpaid. This was so the last time, {since}."
        )
        assert answer.since == since


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, phases=[Phase.generate]
)
@given(
    hour=st.integers(0, 96),
    day=st.integers(0, 4),
    steps=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    limit=st.sampled_from([0, 5, 30]),
)
def test_what_is_sent_does_not_depend_on_when_the_worker_looks(
    app: Flask, hour: int, day: int, steps: list[int], limit: int
) -> None:
    late = {"late": "send", "late_within": str(limit), "late_unit": "hours"} if limit else {}
    number = str(db.session.query(Automation).count())
    id = timed(f"Remind {number}", "date_reached", DAY_BEFORE | late, now=START)
    placed = place_order(number, now=START)
    set_at = START + hour * HOUR + 30 * MINUTE
    looks = [START + sum(steps[:count]) * HOUR for count in range(1, len(steps) + 1)]
    for look in [look for look in looks if look < set_at]:
        scan.scan(look)
    date = dt.date(2026, 11, 21) + day * DAY
    place_order(number, delivery_date=date, now=set_at)
    for look in [*(look for look in looks if look > set_at), START + 20 * DAY]:
        scan.scan(look)
    due = dt.datetime.combine(date - DAY, dt.time(9), dt.UTC)
    expected = [due] if set_at < due or set_at - due <= limit * HOUR else []
    assert [instant for record, instant in dues(id) if record == placed.id] == expected
    switch_off(id, START + 20 * DAY)


def _timing(late: dict[str, Any]) -> dict[str, Any]:
    distance = {"field": "delivery_date", "amount": "1", "unit": "days", "direction": "before"}
    return {"when": "date", **distance, "time": "09:00", "recheck": True, **late}


def _why(record_id: int, automation_id: int, now: dt.datetime = NOW + 4 * DAY) -> WhyNotAnswer:
    db.session.rollback()
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    automation = db.session.get_one(Automation, automation_id)
    words = StoreWords(db.session(), store)
    return why_not(db.session(), store, words, "order", record_id, "Order 10482", automation, now)


def _log(record_id: int) -> Any:
    db.session.rollback()
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    return log_for_record(db.session(), store, StoreWords(db.session(), store), "order", record_id).entries


def _causes(automation_id: int) -> list[str]:
    of_due = db.session.query(Occurrence.cause).join(Due, Due.occurrence_id == Occurrence.id)
    return [cause for (cause,) in of_due.filter(Due.automation_id == automation_id)]


def _anna() -> int:
    return int(db.session.query(Customer).filter_by(number="C-1").one().id)
