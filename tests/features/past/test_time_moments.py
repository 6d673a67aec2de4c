"""When records were due in the past, what was true of them then, and what nobody can know any more."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa

from automations.features.past import timelines
from automations.features.past.due_past import SHORTLY
from automations.features.privacy import erasure
from automations.models.db.base import write
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.worker.cleanup import clean_up
from tests.features.audience.test_nightly_segments import make as make_segment
from tests.kit.past_time import every, past_due, past_matches, stays, time_rule
from tests.kit.shop import condition, occurrences, place_customer, place_event, place_order
from tests.kit.time import at, reached
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
#: At LATER, what is older than COMPLETE may be deleted.
COMPLETE = NOW + DAY + HOUR
LATER = COMPLETE + 90 * DAY
UNPAID = condition("payment_status", "equals", "unpaid")
TWICE_MORE = {"repeat_every": "2", "repeat_unit": "days", "repeat_times": "2"}
CONFIRMED = stays("status", "confirmed", 1, **TWICE_MORE)


def test_a_reminder_repeats_while_the_status_lasts_and_begins_anew_when_it_is_entered_again() -> None:
    id = place_order(status="confirmed", payment_status="unpaid").id
    place_order(status="picked", now=NOW + 4 * DAY)
    place_order(status="confirmed", now=NOW + 5 * DAY)
    place_order(payment_status="paid", now=NOW + 7 * DAY)
    rule = time_rule("stays_in_status", CONFIRMED, UNPAID)
    due = past_due(rule, NOW, NOW + 30 * DAY)
    assert [moment.at - NOW for moment in due.moments] == [day * DAY for day in (1, 3, 6, 8, 10)]
    assert (due.known_from, due.unknown) == (None, 0)
    assert past_matches(rule, NOW, NOW + 30 * DAY) == [(id, NOW + day * DAY) for day in (1, 3, 6)]


def test_each_moment_names_the_newest_entry_of_then() -> None:
    for day, total in enumerate((10, 20, 30)):
        place_order(status="confirmed", total=Decimal(total), now=NOW + day * DAY + HOUR)
    due = past_due(
        time_rule("stays_in_status", stays("status", "confirmed", 36, "hours")), NOW, NOW + 9 * DAY
    )
    assert [moment.occurrence_id for moment in due.moments] == [occurrences()[1].id]


def test_what_is_still_to_come_is_not_the_past() -> None:
    place_order(status="confirmed")
    assert past_due(time_rule("stays_in_status", CONFIRMED), NOW, NOW + 2 * DAY).moments[1:] == []


def test_the_time_in_the_store_is_what_it_was_at_the_moment() -> None:
    place_event("E-1", event_date=dt.date(2027, 3, 28), now=NOW)
    place_event("E-2", event_date=dt.date(2027, 3, 29), now=NOW)
    on_monday = condition("now.weekday", "equals", "monday")
    soon = condition("event_date", "within_next", "1")
    reminder = reached("event_date", "before", 0, time="01:30")
    rule = time_rule("date_reached", reminder, subject="event")
    both = [at("2027-03-28 01:30"), at("2027-03-29 00:30")]
    assert [moment for _, moment in past_matches(rule, NOW, at("2027-04-01 00:00"))] == both
    rule = time_rule("date_reached", reminder, on_monday, soon, subject="event")
    assert [moment for _, moment in past_matches(rule, NOW, at("2027-04-01 00:00"))] == both[1:]
    closed = time_rule(
        "date_reached", reminder, condition("now.working_time", "equals", "yes"), subject="event"
    )
    assert past_matches(closed, NOW, at("2027-04-01 00:00")) == []


def test_the_customer_is_as_they_were_at_the_moment() -> None:
    customer = place_customer(marketing_consent=True).id
    order = place_order(status="confirmed", customer_id=customer, now=NOW + MINUTE).id
    place_customer(marketing_consent=False, now=NOW + 2 * DAY)
    rule = time_rule("stays_in_status", CONFIRMED, condition("customer.marketing_consent", "equals", "yes"))
    assert past_matches(rule, NOW, NOW + 30 * DAY) == [(order, NOW + DAY + MINUTE)]


def test_what_customers_had_bought_counts_up_to_the_moment() -> None:
    customer = place_customer(now=NOW).id
    for day, paid in enumerate((10, 15, 20)):
        place_order(str(day), customer_id=customer, amount_paid=Decimal(paid), now=NOW + day * DAY)
    place_order("1", status="cancelled", now=NOW + 5 * DAY)
    rule = time_rule(
        "scheduled", every("day", "12:00"), condition("total_spent", "at_least", "40"), subject="customer"
    )
    found = past_matches(rule, NOW, NOW + 9 * DAY)
    assert found == [(customer, at("2026-11-22 12:00") + day * DAY) for day in (2, 3, 4)]


def test_a_regular_schedule_is_for_every_record_that_existed() -> None:
    first, second = (place_order(str(n), now=NOW + n * DAY).id for n in (0, 1))
    place_order("elsewhere", store="Thorn & Co")
    rule = time_rule("scheduled", every("week", "09:00", weekday="monday"))
    monday, next_one = at("2026-11-23 09:00"), at("2026-11-30 09:00")
    assert past_matches(rule, NOW, NOW + 9 * DAY) == [(first, monday), (first, next_one), (second, next_one)]


def test_a_segment_has_the_members_it_had_as_far_as_it_is_known() -> None:
    segment = make_segment("Likes us", condition("marketing_consent", "equals", "yes"), now=NOW - DAY)
    always, left = (place_customer(f"C-{n}", marketing_consent=True, now=NOW - MINUTE).id for n in (8, 9))
    place_customer("C-9", marketing_consent=False, now=NOW + 2 * DAY)
    rule = time_rule("scheduled", every("day", "09:00", segment=str(segment)), subject="customer")
    days = [at("2026-11-23 09:00") + day * DAY for day in range(3)]
    due = past_due(rule, NOW - 9 * DAY, days[-1] + HOUR)
    assert [(moment.record_id, moment.at) for moment in due.moments] == [
        (always, days[0]),
        (left, days[0]),
        (always, days[1]),
        (left, days[1]),
        (always, days[2]),
    ]


def test_a_segment_is_known_since_its_conditions_are_what_they_are() -> None:
    place_customer("C-8", marketing_consent=True, now=NOW - 9 * DAY)
    segment = make_segment("Likes us", condition("marketing_consent", "equals", "yes"), now=NOW)
    rule = time_rule("scheduled", every("day", segment=str(segment)), subject="customer")
    assert past_due(rule, NOW - 5 * DAY, NOW + DAY).known_from == NOW


def test_a_record_of_which_nothing_is_logged_was_as_it_is_since_it_last_changed() -> None:
    rule = time_rule("scheduled", every("day"), condition("last_name", "equals", "Marsh"), subject="customer")
    due = past_due(rule, NOW, NOW + 2 * DAY)
    # Anna and Bob came with the world.
    assert {moment.occurrence_id for moment in due.moments} == {0} and len(due.moments) == 4
    assert (due.unknown, due.known_from) == (0, None)
    (bob,) = {record_id for record_id, _ in past_matches(rule, NOW, NOW + 2 * DAY)}
    with write() as session:
        session.execute(sa.update(Customer).where(Customer.id == bob).values(updated_at=NOW + DAY))
    due = past_due(rule, NOW, NOW + 2 * DAY)
    assert (len(due.moments), due.unknown, due.known_from) == (3, 1, at("2026-11-23 08:30") + SHORTLY)


def test_what_retention_deleted_is_unknown_and_says_since_when_it_is_not() -> None:
    place_order("old", status="confirmed", now=NOW)
    place_order("old", status="picked", now=NOW + 5 * DAY)
    place_order("kept", status="confirmed", now=NOW + 6 * DAY)
    now = NOW + 95 * DAY + HOUR
    clean_up(None, now, lambda _: True)
    assert len(occurrences()) == 1
    due = past_due(time_rule("stays_in_status", CONFIRMED), NOW, now)
    assert [moment.at - NOW for moment in due.moments] == [day * DAY for day in (7, 9, 11)]
    assert (due.unknown, due.known_from) == (1, NOW + 5 * DAY)


def test_a_status_that_began_before_the_log_counts_from_when_it_began() -> None:
    id = place_order(status="confirmed", now=NOW).id
    place_order(total=Decimal("20.00"), now=NOW + 2 * DAY)
    _lose("created")
    due = past_due(time_rule("stays_in_status", CONFIRMED), NOW, LATER)
    assert [(moment.record_id, moment.at - NOW) for moment in due.moments] == [(id, 3 * DAY), (id, 5 * DAY)]
    assert (due.unknown, due.known_from) == (1, COMPLETE)


def test_a_status_that_ended_since_may_have_begun_at_any_time_before_the_log() -> None:
    place_order(status="confirmed", now=NOW)
    place_order(total=Decimal("20.00"), now=NOW + 2 * DAY)
    place_order(status="picked", now=NOW + 4 * DAY)
    _lose("created")
    due = past_due(time_rule("stays_in_status", CONFIRMED), NOW, LATER)
    assert (due.moments, due.unknown, due.known_from) == ([], 1, NOW + 4 * DAY)


def test_a_date_is_known_again_from_the_first_entry_that_is_kept() -> None:
    id = place_order(delivery_date=dt.date(2026, 12, 1), now=NOW).id
    place_order(total=Decimal("20.00"), now=NOW + 2 * DAY)
    _lose("created")
    due = past_due(time_rule("date_reached", reached("delivery_date", "before", 1)), NOW, LATER)
    assert [(moment.record_id, moment.at) for moment in due.moments] == [(id, at("2026-11-30 09:00"))]
    assert (due.unknown, due.known_from) == (1, COMPLETE)


def test_erasing_a_customer_changes_nothing_about_when_their_orders_were_due() -> None:
    with write() as session:
        anna = session.query(Customer).filter_by(number="C-1").one().id
    place_order(status="confirmed", customer_id=anna)
    rule = time_rule("stays_in_status", CONFIRMED)
    before = past_due(rule, NOW, NOW + 9 * DAY)
    with write() as session:
        customer = session.get_one(Customer, anna)
        erasure.erase(session, session.get_one(Store, customer.store_id), customer, NOW + 2 * DAY)
    assert past_due(rule, NOW, NOW + 9 * DAY) == before and len(before.moments) == 3


@pytest.mark.parametrize("page", [1, 2, 3])
def test_records_are_whole_however_the_log_is_paged(page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        place_order(str(n), status="confirmed", now=NOW)
        place_order(str(n), status="picked", now=NOW + 2 * DAY)
    monkeypatch.setattr(timelines, "PAGE", page)
    due = past_due(time_rule("stays_in_status", CONFIRMED), NOW, NOW + 9 * DAY)
    assert len(due.moments) == len({moment.record_id for moment in due.moments}) == 5


def _lose(trigger: str) -> None:
    with write() as session:
        session.execute(sa.delete(Occurrence).where(Occurrence.trigger == trigger))
