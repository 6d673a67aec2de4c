"""A version in shadow mode is evaluated like any other, beside what is live, and counts as nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from automations.features.authoring import archiving, automation_listing, publish, shadow_mode
from automations.features.authoring.shadow_mode import ShadowIsOver
from automations.features.history import daily_counts
from automations.features.history.record_log import log_for_record
from automations.features.history.upcoming_runs import upcoming
from automations.features.history.why_not import why_not
from automations.features.privacy import erasure
from automations.features.rollout import shadow_deadline
from automations.features.rollout.shadow_report import report_of
from automations.features.rollout.would_have import would_have
from automations.features.scheduling import scan
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import Membership, User
from automations.models.tables.schedule_progress import Due
from automations.models.tables.shadow import ENDED, PUBLISHED, REPLACED, Shadow, ShadowDue
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.shadows import NOTHING, done_rows, outcomes, shadow, start_shadow
from tests.kit.shop import condition, email_to, place_order, publish_automation
from tests.kit.time import at, reached, timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")

DAY = dt.timedelta(days=1)
OVER_40 = condition("total", "greater_than", "40.00")


def bloom() -> Store:
    return db.session.query(Store).filter_by(name="Bloom & Wild St").one()


def rosa() -> User:
    return db.session.query(User).filter_by(email="rosa@bloom.example").one()


def automation(id: int) -> Automation:
    db.session.rollback()
    return db.session.get_one(Automation, id)


def edit(id: int, **draft: Any) -> None:
    with write() as session:
        row = session.get_one(Automation, id)
        row.draft = row.draft | draft


def only_shadow(**options: Any) -> tuple[int, int]:
    id = shop.draft_automation("Big ones", "created", OVER_40, **options)
    return id, start_shadow(id)


def report(shadow_id: int, now: dt.datetime = NOW) -> Any:
    found = shadow(shadow_id)
    return report_of(db.session(), bloom(), StoreWords(db.session(), bloom()), found, now)


def test_it_is_evaluated_and_writes_down_what_it_would_have_done() -> None:
    id, _ = only_shadow(actions=[email_to(subject="For {{ order.number }}")])
    received = place_order("1", total=Decimal("86.50"), customer_id=1)
    place_order("2", total=Decimal("12.00"), customer_id=1)
    assert received.fired == 0
    assert outcomes(id) == ["shadow"]
    assert perform_all() == 0 and done_rows(id) == NOTHING
    row = db.session.query(Evaluation).one()
    would = would_have(db.session(), bloom(), StoreWords(db.session(), bloom()), row)
    (message,) = would.steps[0].messages
    assert (message.to, message.subject) == ("anna@grandhotel.example", "For 1")


def test_the_live_version_goes_on_beside_it() -> None:
    id = publish_automation("Thanks", "created", OVER_40)
    edit(id, conditions=[condition("total", "greater_than", "20.00")])
    start_shadow(id)
    place_order("1", total=Decimal("86.50"), customer_id=1)
    place_order("2", total=Decimal("30.00"), customer_id=1)
    assert sorted(outcomes(id)) == ["fired", "shadow", "shadow"]
    assert [run.evaluation.outcome for run in shop.runs()] == ["fired"]
    assert (automation(id).active_version.number, automation(id).latest_version.number) == (1, 1)


def test_the_switch_is_about_the_live_version_alone() -> None:
    id = publish_automation("Thanks", "created")
    start_shadow(id)
    shop.switch_off(id)
    place_order("1", customer_id=1)
    assert outcomes(id) == ["shadow"]
    shop.switch_on(id)
    place_order("2", customer_id=1)
    assert sorted(outcomes(id)) == ["fired", "shadow", "shadow"]


@pytest.mark.parametrize("way", ["publish", "archive", "again", "end"])
def test_it_ends_once_something_is_decided(way: str) -> None:
    id, shadow_id = only_shadow()
    with write() as session:
        row = session.get_one(Automation, id)
        if way == "publish":
            publish.publish(session, row, rosa(), NOW)
        elif way == "archive":
            archiving.archive(session, row, rosa(), NOW)
        elif way == "end":
            shadow_mode.end(session, session.get_one(Shadow, shadow_id), NOW)
    if way == "again":
        start_shadow(id)
    place_order("1", total=Decimal("86.50"), customer_id=1)
    decision = {"publish": PUBLISHED, "again": REPLACED}.get(way, ENDED)
    assert shadow(shadow_id).decision == decision and shadow(shadow_id).stopped_at == NOW
    assert outcomes(id) == {"publish": ["fired"], "again": ["shadow"]}.get(way, [])
    with pytest.raises(ShadowIsOver), write() as session:
        shadow_mode.go_on(session, session.get_one(Shadow, shadow_id), 7, NOW)


def test_publishing_another_draft_replaces_it() -> None:
    id, shadow_id = only_shadow()
    edit(id, conditions=[])
    with write() as session:
        publish.publish(session, session.get_one(Automation, id), rosa(), NOW)
    assert shadow(shadow_id).decision == REPLACED


def test_what_was_in_shadow_mode_is_published_even_if_the_draft_moved_on() -> None:
    id, shadow_id = only_shadow()
    edit(id, conditions=[])
    with write() as session:
        version = shadow_mode.go_live(session, session.get_one(Shadow, shadow_id), rosa(), NOW)
        assert (version.number, version.shadow) == (2, False)
    assert shadow(shadow_id).decision == PUBLISHED
    place_order("1", total=Decimal("30.00"), customer_id=1)
    place_order("2", total=Decimal("50.00"), customer_id=1)
    assert outcomes(id) == ["fired"] and automation(id).draft["conditions"] == []


@pytest.mark.parametrize("days", [0, 31])
def test_it_takes_one_to_thirty_days(days: int) -> None:
    id = shop.draft_automation("Thanks", "created")
    with pytest.raises(ValueError, match="1 to 30"):
        start_shadow(id, days=days)


def test_its_caps_count_its_own_and_take_nothing_from_the_live_version() -> None:
    id = publish_automation("Thanks", "payment_status_changed")
    place_order("1", customer_id=1)
    place_order("1", payment_status="paid")
    edit(id, caps={"once_per_record": True})
    with write() as session:
        publish.publish(session, session.get_one(Automation, id), rosa(), NOW)
    start_shadow(id, now=NOW + DAY)
    place_order("2", customer_id=1, now=NOW + DAY)
    for status in ("paid", "unpaid"):
        place_order("2", payment_status=status, now=NOW + DAY)
    place_order("1", payment_status="unpaid", now=NOW + DAY)
    counts = sorted(outcomes(id))
    # Order 1 already ran before shadow mode began; order 2 runs once in each of the two.
    assert counts == ["capped", "capped", "fired", "fired", "shadow", "shadow_capped", "shadow_capped"]


def test_a_date_is_due_for_the_live_version_and_for_the_shadow_each_on_its_own() -> None:
    schedule = reached("delivery_date", "before", 1)
    id = timed("Tomorrow", "date_reached", schedule)
    start_shadow(id)
    place_order("1", customer_id=1, delivery_date=dt.date(2026, 11, 25))
    for _ in range(2):
        scan.scan(at("2026-11-24 12:00"))
    assert sorted(outcomes(id)) == ["fired", "shadow"]
    assert (db.session.query(Due).count(), db.session.query(ShadowDue).count()) == (1, 1)
    rows = db.session.scalars(sa.select(Evaluation.occurrence_id).distinct()).all()
    assert len(rows) == 2
    found = report_of(
        db.session(),
        bloom(),
        StoreWords(db.session(), bloom()),
        db.session.query(Shadow).one(),
        at("2026-11-25 09:00"),
    )
    assert (found.fired, found.live, found.same) == (1, 1, 1)


def test_a_date_alone_in_shadow_mode_is_due_and_is_not_coming_up() -> None:
    trigger = {
        "key": "date_reached",
        "from": None,
        "to": None,
        "schedule": reached("delivery_date", "before", 1),
    }
    id = shop.draft_automation("Tomorrow", "created")
    edit(id, trigger=trigger)
    start_shadow(id)
    place_order("1", customer_id=1, delivery_date=dt.date(2026, 11, 25))
    assert upcoming(db.session(), bloom(), automation(id), 10, now=NOW) == []
    scan.scan(at("2026-11-24 12:00"))
    assert outcomes(id) == ["shadow"] and shop.runs() == []


def test_it_counts_nowhere_as_fired() -> None:
    id, _ = only_shadow()
    place_order("1", total=Decimal("86.50"), customer_id=1)
    place_order("2", total=Decimal("86.50"), customer_id=1)
    db.session.rollback()
    (row,) = automation_listing.rows_of(db.session(), bloom(), [id], NOW)
    assert (row.fires, row.last_fired) == (0, None)
    assert sum(day.drawn for day in daily_counts.per_day(db.session(), bloom(), None, NOW)) == 0


def test_the_log_says_that_it_would_have() -> None:
    _id, _ = only_shadow()
    order = place_order("1", total=Decimal("86.50"), customer_id=1)
    other = place_order("2", total=Decimal("12.00"), customer_id=1)
    words = StoreWords(db.session(), bloom())
    page = log_for_record(db.session(), bloom(), words, "order", order.id)
    (verdict,) = page.entries[0].verdicts
    assert verdict.badge.word == "Would have run (shadow)"
    assert (verdict.outcome, verdict.would, verdict.runs) == ("shadow", ("Email the customer",), ())
    (missed,) = log_for_record(db.session(), bloom(), words, "order", other.id).entries[0].verdicts
    assert (missed.outcome, missed.shadow) == ("not_applicable", True)


def test_after_its_days_the_managers_are_told_once_and_it_listens_no_more() -> None:
    id, shadow_id = only_shadow()
    place_order("1", total=Decimal("86.50"), customer_id=1)
    assert shadow_deadline.end_due(NOW + 7 * DAY - dt.timedelta(seconds=1)) == 0
    assert [shadow_deadline.end_due(NOW + 7 * DAY) for _ in range(2)] == [1, 0]
    told = db.session.query(Notification).all()
    managers = db.session.query(Membership).filter(Membership.role.in_(("admin", "manager")))
    assert {one.user_id for one in told} == {one.user_id for one in managers.filter_by(store_id=bloom().id)}
    assert {one.title for one in told} == {"Shadow mode of “Big ones” is over: it would have run once"}
    assert {one.path for one in told} == {f"/automations/{id}/shadow"}
    place_order("2", total=Decimal("86.50"), customer_id=1)
    assert outcomes(id) == ["shadow"] and shadow(shadow_id).decided_at is None


def test_it_can_go_on_after_its_days() -> None:
    id, shadow_id = only_shadow()
    shadow_deadline.end_due(NOW + 7 * DAY)
    with write() as session:
        shadow_mode.go_on(session, session.get_one(Shadow, shadow_id), 3, NOW + 8 * DAY)
    place_order("1", total=Decimal("86.50"), customer_id=1, now=NOW + 9 * DAY)
    assert outcomes(id) == ["shadow"]
    assert shadow(shadow_id).until == NOW + 11 * DAY
    assert [shadow_deadline.end_due(NOW + day * DAY) for day in (10, 11)] == [0, 1]


def test_the_report_says_what_it_would_have_done_whom_it_overlaps_and_what_it_lacks() -> None:
    other = publish_automation("Confirm", "created", actions=[email_to()])
    task = {"title": "Wrap", "assignee": "manager", "due_from": "", "priority": "low"}
    about = email_to(subject="{{ order.number }}", message="On {{ order.delivery_date }}")
    _id, shadow_id = only_shadow(actions=[about, {"kind": "create_task", "settings": task}])
    for number in ("1", "2"):
        place_order(number, total=Decimal("86.50"), customer_id=1)
    place_order("3", total=Decimal("86.50"))
    place_order("4", total=Decimal("5.00"), customer_id=1)
    found = report(shadow_id)
    assert (found.fired, found.records, found.tally.rendered) == (3, 3, 3)
    assert found.tally.done == {"Send email": 2, "Create task": 3}
    assert [(label, count) for (label, _), count in found.tally.skipped.items()] == [("Send email", 1)]
    assert found.tally.holes == {"delivery date": 2}
    assert [(overlap.automation_id, overlap.count) for overlap in found.overlaps] == [(other, 3)]
    assert sum(count for _, count in found.per_day) == 3
    assert (found.live, found.same, found.gained) == (0, 0, 3)


def test_messages_of_others_within_a_day_overlap_whatever_started_them() -> None:
    paid = publish_automation("Paid", "payment_status_changed", actions=[email_to()])
    publish_automation("Team", "payment_status_changed", actions=[email_to("manager")])
    _id, shadow_id = only_shadow(actions=[email_to()])
    for number, later in (("1", dt.timedelta(hours=2)), ("2", 3 * DAY)):
        place_order(number, total=Decimal("86.50"), customer_id=1)
        place_order(number, payment_status="paid", now=NOW + later)
    (overlap,) = report(shadow_id).overlaps
    assert (overlap.automation_id, overlap.count, overlap.by) == (paid, 1, "send email")


def test_a_version_that_cannot_be_evaluated_says_so_in_its_report() -> None:
    _, shadow_id = only_shadow()
    place_order("1", total=Decimal("86.50"), customer_id=1)
    with write() as session:
        evaluation = session.query(Evaluation).one()
        evaluation.outcome, evaluation.error = "shadow_error", "The total is no amount."
    found = report(shadow_id)
    assert (found.fired, found.errors, found.error) == (0, 1, "The total is no amount.")


def test_what_is_erased_is_erased_from_what_it_would_have_done() -> None:
    only_shadow(actions=[email_to(message="Dear {{ customer.name }}")])
    place_order("1", total=Decimal("86.50"), customer_id=1)
    with write() as session:
        erasure.erase(session, bloom(), session.get_one(Customer, 1), NOW)
    row = db.session.query(Evaluation).one()
    would = would_have(db.session(), bloom(), StoreWords(db.session(), bloom()), row)
    texts = [message.body + message.to for step in would.steps for message in step.messages]
    assert not any("Anna" in text or "anna" in text for text in texts)


def test_why_it_did_not_run_speaks_of_what_is_live() -> None:
    id = publish_automation("Thanks", "created", OVER_40)
    edit(id, conditions=[])
    start_shadow(id)
    order = place_order("1", total=Decimal("12.00"), customer_id=1)
    words = StoreWords(db.session(), bloom())
    answer = why_not(db.session(), bloom(), words, "order", order.id, "Order 1", automation(id), NOW)
    assert (
        not answer.ran
        and answer.sentence == "Order 1 · Thanks did not run: total is £12.00, needs over £40.00."
    )
