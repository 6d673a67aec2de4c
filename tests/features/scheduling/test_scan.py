"""Time triggers: each instant once, none missed, judged by what the record then is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from automations.features.history.record_log import log_for_record
from automations.features.history.why_not import why_not
from automations.features.scheduling import due_columns, recurring, scan
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.schedule_progress import Due
from automations.models.tables.store import Store
from automations.pipeline.evaluation.outbox import Outbox
from tests.kit.own_fields import own_field
from tests.kit.shop import condition, occurrences, place_customer, place_event, place_order, runs, switch_off
from tests.kit.shop import switch_on as on_again
from tests.kit.time import at, dues, london, publish_schedule, reached, scan_through, timed
from tests.world import NOW

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
BEFORE = reached("event_date", "before", 3)


def test_it_fires_once_three_days_before_the_event(app: Flask) -> None:
    id = timed("Prepare", "date_reached", BEFORE, subject="event")
    event = place_event(event_date=dt.date(2026, 12, 10))
    assert scan_through(NOW, at("2026-12-12 00:00"), 6 * HOUR) == 1
    assert dues(id) == [(event.id, at("2026-12-07 09:00"))]
    found = occurrences()[-1]
    assert (found.trigger, found.cause_kind, found.cause) == ("date_reached", "schedule", "the clock")
    assert [run.state for run in runs()] == ["waiting"]


def test_the_record_is_evaluated_as_it_is_when_due(app: Flask) -> None:
    timed("Remind", "date_reached", BEFORE, condition("payment_status", "equals", "unpaid"), subject="event")
    place_event("E-1", event_date=dt.date(2026, 12, 10))
    place_event("E-2", event_date=dt.date(2026, 12, 10))
    place_event("E-2", payment_status="paid", now=NOW + HOUR)
    assert scan_through(NOW, at("2026-12-12 00:00"), 6 * HOUR) == 1
    assert db.session.query(Evaluation).count() == len(runs()) == 1


def test_a_date_of_the_stores_own_fires_when_it_is_moved_and_not_when_it_is_emptied(app: Flask) -> None:
    visit = own_field("Visit", "date").removeprefix("custom.")
    id = timed("Prepare", "date_reached", reached(f"custom.{visit}", "before", 1))
    moved, emptied = (place_order(number, custom={visit: "2026-12-10"}).id for number in ("moved", "emptied"))
    place_order("moved", custom={visit: "2026-12-12"}, now=NOW + HOUR)
    place_order("emptied", custom={visit: None}, now=NOW + HOUR)
    scan_through(NOW + 2 * HOUR, at("2026-12-13 00:00"), 6 * HOUR)
    assert dues(id) == [(moved, at("2026-12-11 09:00"))] and emptied != moved


def test_a_moved_date_moves_its_instant(app: Flask) -> None:
    id = timed("Prepare", "date_reached", BEFORE, subject="event")
    event = place_event(event_date=dt.date(2026, 12, 10))
    scan_through(NOW, at("2026-12-05 00:00"), 6 * HOUR)
    place_event(event_date=dt.date(2026, 12, 20), now=at("2026-12-05 01:00"))
    scan_through(at("2026-12-05 02:00"), at("2026-12-18 00:00"), 6 * HOUR)
    place_event(event_date=dt.date(2027, 1, 20), now=at("2026-12-18 01:00"))
    scan_through(at("2026-12-18 02:00"), at("2027-01-31 00:00"), 6 * HOUR)
    place_event(event_date=dt.date(2026, 12, 10), now=at("2027-01-31 01:00"))
    scan.scan(at("2027-02-01 00:00"))
    assert dues(id) == [(event.id, at("2026-12-17 09:00")), (event.id, at("2027-01-17 09:00"))]


def test_publishing_does_not_fire_for_past_instants(app: Flask) -> None:
    place_event("E-1", event_date=dt.date(2026, 11, 25))
    place_event("E-2", event_date=dt.date(2026, 11, 26))
    id = timed("Prepare", "date_reached", BEFORE, subject="event", now=at("2026-11-22 09:30"))
    scan_through(NOW, NOW + 2 * DAY, HOUR)
    assert [instant for _, instant in dues(id)] == [at("2026-11-23 09:00")]


def test_a_new_record_does_not_fire_for_instants_before_it(app: Flask) -> None:
    id = timed("Prepare", "date_reached", BEFORE, subject="event")
    place_event(event_date=dt.date(2026, 11, 27), now=at("2026-11-25 10:00"))
    scan.scan(at("2026-11-26 00:00"))
    assert dues(id) == []


def test_it_repeats_the_set_number_of_times(app: Flask) -> None:
    again = reached("delivery_date", "after", 1, repeat_every="2", repeat_unit="days", repeat_times="3")
    id = timed("Ask", "date_reached", again)
    place_order(delivery_date=dt.date(2026, 12, 1))
    scan_through(NOW, NOW + 40 * DAY, 6 * HOUR)
    assert [instant.day for _, instant in dues(id)] == [2, 4, 6, 8]


def test_hours_are_counted_from_the_moment_itself(app: Flask) -> None:
    id = timed("Chase", "date_reached", reached("placed_at", "after", 90, "minutes", None))
    order = place_order(placed_at=at("2026-11-22 09:59:30"))
    scan_through(NOW, NOW + 2 * HOUR, dt.timedelta(minutes=1))
    assert dues(id) == [(order.id, at("2026-11-22 11:29:30"))]


def test_a_storage_date_works_like_any_other_date(app: Flask) -> None:
    id = timed("Expired", "date_reached", reached("storage_until", "after", 0, time=None))
    place_order(storage_until=dt.date(2026, 11, 30))
    scan_through(NOW, NOW + 20 * DAY, 6 * HOUR)
    assert [instant for _, instant in dues(id)] == [at("2026-11-30 00:00")]


@pytest.mark.slow
@pytest.mark.parametrize("step", [dt.timedelta(hours=85), dt.timedelta(days=8)])
def test_each_instant_of_a_year_fires_exactly_once(app: Flask, step: dt.timedelta) -> None:
    """With two changes of the clock, a week without a worker, and dates that move; by a column and by a
    field of the store's own."""
    start = at("2026-01-01 00:00")
    visit = own_field("Visit", "date")
    asked = (
        reached("delivery_date", "before", 1, time="01:30"),
        reached("delivery_date", "after", 0),
        reached(visit, "before", 1, time="01:30"),
    )
    ids = [timed(f"Automation {n}", "date_reached", one, now=start) for n, one in enumerate(asked)]
    days = [dt.date(2026, 1, 3) + n * DAY for n in range(0, 360, 5)]
    days += [dt.date(2026, 3, 29), dt.date(2026, 3, 30), dt.date(2026, 10, 25), dt.date(2026, 10, 26)]
    made = {n: _dated(n, day, start) for n, day in enumerate(days)}
    scan_through(start, at("2026-06-01 00:00"), step)
    # A week without a worker, in which some dates move.
    for n, day in enumerate(days):
        if day > dt.date(2026, 6, 10) and n % 4 == 0:
            days[n] = day + 2 * DAY
            _dated(n, days[n], at("2026-06-05 00:00"))
    scan_through(at("2026-06-08 00:00"), at("2027-01-10 00:00"), step)
    night = sorted((london(day - DAY, "01:30"), made[n]) for n, day in enumerate(days))
    morning = sorted((london(day), made[n]) for n, day in enumerate(days))
    assert [[(instant, id) for id, instant in dues(one)] for one in ids] == [night, morning, night]


def _dated(n: int, day: dt.date, now: dt.datetime) -> int:
    return place_order(str(n), delivery_date=day, custom={"visit": day.isoformat()}, now=now).id


def test_a_scan_killed_between_chunks_loses_and_doubles_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_columns, "PAGE", 3)
    id = timed("Prepare", "date_reached", reached("delivery_date", "before", 1))
    made = [place_order(str(n), delivery_date=dt.date(2026, 11, 24)).id for n in range(10)]
    _dies_after(monkeypatch, 2)
    assert scan.scan(at("2026-11-23 09:30")) == 0
    assert len(dues(id)) == 6
    monkeypatch.undo()
    assert scan.scan(at("2026-11-23 09:31")) == 4
    assert dues(id) == [(one, at("2026-11-23 09:00")) for one in made]
    assert scan.scan(at("2026-11-23 09:32")) == 0


def test_a_killed_recurring_scan_continues_where_it_stopped(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recurring, "PAGE", 3)
    id = timed("Daily", "scheduled", {"every": "day", "weekday": None, "day": None, "time": "08:00"})
    made = [place_order(str(n)).id for n in range(8)]
    _dies_after(monkeypatch, 2)
    scan.scan(at("2026-11-23 08:30"))
    assert len(dues(id)) == 6
    monkeypatch.undo()
    assert scan.scan(at("2026-11-23 08:31")) == 2
    assert dues(id) == [(one, at("2026-11-23 08:00")) for one in made]


def test_an_automation_that_cannot_be_scanned_does_not_hold_up_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed("First", "date_reached", reached("delivery_date", "before", 1))
    other = timed("Second", "date_reached", reached("delivery_date", "before", 1))
    place_order(delivery_date=dt.date(2026, 11, 24))
    _dies_after(monkeypatch, 0)
    assert scan.scan(at("2026-11-23 09:30")) == 1
    assert len(dues(other)) == 1


def test_a_span_that_ends_during_its_scan_is_read_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    id = timed("Prepare", "date_reached", reached("delivery_date", "before", 1))
    order = place_order(delivery_date=dt.date(2026, 11, 24))
    look = due_columns.DueQuery.look

    def meanwhile(watch: due_columns.DueQuery, session: Any, ids: Any) -> Any:
        rows = look(watch, session, ids)
        publish_schedule(id, reached("delivery_date", "before", 2), at("2026-11-23 09:30"))
        return rows

    monkeypatch.setattr(due_columns.DueQuery, "look", meanwhile)
    assert scan.scan(at("2026-11-23 12:00")) == 0
    monkeypatch.undo()
    assert scan.scan(at("2026-11-23 12:05")) == 1
    assert dues(id) == [(order.id, at("2026-11-23 09:00"))]


def test_the_log_of_a_due_time_names_only_its_own_automation(app: Flask, bloom: Store) -> None:
    first = timed("First", "date_reached", reached("delivery_date", "before", 1))
    timed("Second", "date_reached", reached("delivery_date", "before", 2))
    paid = condition("payment_status", "equals", "paid")
    third = timed("Third", "date_reached", reached("delivery_date", "before", 0), paid)
    order = place_order(delivery_date=dt.date(2026, 11, 24))
    scan_through(NOW, at("2026-11-24 10:00"), 12 * HOUR)
    scan.scan(at("2026-11-24 10:00"))
    db.session.rollback()
    words = StoreWords(db.session(), bloom)
    page = log_for_record(db.session(), bloom, words, "order", order.id)
    found = [[(one.automation_id, one.outcome) for one in entry.verdicts] for entry in page.entries]
    # What did not fire has no entry; only the question why not finds it.
    assert found == [[(first, "fired")], []]
    automation = db.session.get_one(Automation, third)
    answer = why_not(db.session(), bloom, words, "order", order.id, "Order 10482", automation)
    assert "needs Paid" in answer.sentence


def test_a_lasting_status_counts_from_when_it_was_entered(app: Flask) -> None:
    lasting = {"status_field": "status", "status": "confirmed", "amount": "20", "unit": "days"}
    id = timed("Chase", "stays_in_status", lasting, condition("payment_status", "equals", "unpaid"))
    stays = place_order("1", status="confirmed")
    place_order("2", status="confirmed")
    place_order("2", status="picked", now=NOW + DAY)
    late = place_order("3")
    place_order("3", status="confirmed", now=NOW + 2 * DAY)
    place_order("3", note="Ring twice", now=NOW + 3 * DAY)
    scan_through(NOW, NOW + 40 * DAY, 6 * HOUR)
    assert dues(id) == [(stays.id, NOW + 20 * DAY), (late.id, NOW + 22 * DAY)]


def test_a_lasting_status_repeats_while_it_lasts(app: Flask) -> None:
    """One automation finds what five would, each for one of its times."""
    lasting = {"status_field": "status", "status": "confirmed", "unit": "days"}
    again = {"repeat_every": "20", "repeat_unit": "days", "repeat_times": "4"}
    unpaid = condition("payment_status", "equals", "unpaid")
    id = timed("Chase", "stays_in_status", lasting | {"amount": "20"} | again, unpaid)
    one_by_one = [
        timed(f"After {days}", "stays_in_status", lasting | {"amount": str(days)}, unpaid)
        for days in range(20, 101, 20)
    ]
    # By order: the days on which it is confirmed, and on which it leaves the status or is paid.
    steps = [
        (day, number, values)
        for number, (confirmed, left, paid) in enumerate(
            [(0, 10, 300), (1, 30, 300), (2, 51, 300), (3, 300, 44), (4, 95, 90), (5, 300, 300)]
        )
        for day, values in (
            (confirmed, {"status": "confirmed"}),
            (left, {"status": "picked"}),
            (paid, {"payment_status": "paid"}),
        )
    ]
    for day in range(130):
        for _, number, values in (step for step in steps if step[0] == day):
            place_order(str(number), now=NOW + day * DAY, **values)
        scan.scan(NOW + day * DAY + HOUR)
    found = sorted(instant for one in one_by_one for instant in _fires(one))
    assert _fires(id) == found and len(found) == 0 + 1 + 2 + 2 + 4 + 5


def test_a_status_entered_again_counts_afresh(app: Flask) -> None:
    lasting = {"status_field": "payment_status", "status": "unpaid", "amount": "48", "unit": "hours"}
    id = timed("Chase", "stays_in_status", lasting)
    place_order()
    scan_through(NOW, NOW + 3 * DAY, HOUR)
    place_order(payment_status="paid", now=NOW + 4 * DAY)
    place_order(payment_status="unpaid", now=NOW + 5 * DAY)
    scan_through(NOW + 5 * DAY, NOW + 9 * DAY, HOUR)
    assert [instant for _, instant in dues(id)] == [NOW + 2 * DAY, NOW + 7 * DAY]


def test_a_schedule_fires_for_records_that_meet_its_conditions(app: Flask) -> None:
    weekly = {"every": "week", "weekday": "monday", "day": None, "time": "08:00"}
    id = timed("Unpaid", "scheduled", weekly, condition("payment_status", "equals", "unpaid"))
    unpaid = place_order("1")
    place_order("2", payment_status="paid")
    before = len(occurrences())
    scan_through(NOW, NOW + 10 * DAY, 6 * HOUR)
    assert dues(id) == [(unpaid.id, at("2026-11-23 08:00")), (unpaid.id, at("2026-11-30 08:00"))]
    assert len(occurrences()) == before + 2 and len(runs()) == 2


def test_a_schedule_catches_up_every_instant_it_missed(app: Flask) -> None:
    daily = {"every": "day", "weekday": None, "day": None, "time": "01:30"}
    id = timed("Daily", "scheduled", daily, subject="customer", now=at("2026-03-26 12:00"))
    place_customer(now=at("2026-03-26 13:00"))
    assert scan.scan(at("2026-03-31 12:00")) == 5
    hours = [(instant.day, instant.hour) for _, instant in dues(id)]
    # On the 29th the clock has no 01:30; it fires at 02:30 by that clock, which is 01:30 UTC.
    assert hours == [(27, 1), (28, 1), (29, 1), (30, 0), (31, 0)]


def test_monthly_on_the_31st_falls_on_the_last_day_of_shorter_months(app: Flask) -> None:
    monthly = {"every": "month", "weekday": None, "day": "31", "time": "08:00"}
    id = timed("Monthly", "scheduled", monthly)
    place_order()
    scan_through(NOW, NOW + 110 * DAY, DAY)
    assert [f"{instant:%d.%m.}" for _, instant in dues(id)] == ["30.11.", "31.12.", "31.01.", "28.02."]


def test_instants_missed_under_an_earlier_version_are_caught_up(app: Flask) -> None:
    id = timed("Prepare", "date_reached", BEFORE, subject="event")
    place_event(event_date=dt.date(2026, 11, 27))
    publish_schedule(id, reached("event_date", "before", 2), NOW + 4 * DAY)
    scan.scan(NOW + 9 * DAY)
    scan.scan(NOW + 10 * DAY)
    assert [instant for _, instant in dues(id)] == [at("2026-11-24 09:00")]


def test_instants_missed_while_off_are_not_caught_up(app: Flask) -> None:
    id = timed("Prepare", "date_reached", BEFORE, subject="event")
    place_event(event_date=dt.date(2026, 11, 27))
    switch_off(id, NOW + 4 * DAY)
    scan.scan(NOW + 5 * DAY)
    on_again(id, NOW + 6 * DAY)
    scan.scan(NOW + 7 * DAY)
    assert dues(id) == []


def _fires(automation_id: int) -> list[tuple[int, dt.datetime]]:
    """Return (record id, instant) of the occurrences on which an automation fired, in order."""
    fired = Evaluation.outcome == "fired", Evaluation.automation_id == automation_id
    of_due = db.session.query(Due.record_id, Due.due_at)
    rows = of_due.join(Evaluation, Evaluation.occurrence_id == Due.occurrence_id).filter(*fired)
    return sorted((id, instant) for id, instant in rows)


def _dies_after(monkeypatch: pytest.MonkeyPatch, chunks: int) -> None:
    """The next write after so many fails, once, before it is committed."""
    write, left = Outbox.write, [chunks]

    def failing(outbox: Outbox) -> Any:
        left[0] -= 1
        ids = write(outbox)
        if left[0] == -1:
            raise RuntimeError("The power went.")
        return ids

    monkeypatch.setattr(Outbox, "write", failing)
