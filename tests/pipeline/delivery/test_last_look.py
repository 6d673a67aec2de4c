"""A run is stopped by what happens while the runs before it are still being sent."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.actions import send_marketing
from automations.features.authoring import archiving
from automations.features.merging import customer_merging
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.called_host import ClosedEndpoint
from automations.models.tables.customer import Customer
from automations.models.tables.hold import Hold
from automations.models.tables.people import Membership, User
from automations.models.tables.run import CANCELLED, QUEUED, SKIPPED, SUCCEEDED, WAITING
from automations.models.tables.store import Store
from automations.pipeline.delivery import claim, last_look
from automations.pipeline.runs import held_while_off, store_hold
from tests.kit import shop
from tests.kit.fire.programs import free_port
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink, Seen
from tests.kit.outside.smtp_sink import SinkThatLooksAway
from tests.kit.set_up import calls_at_once, use_smtp_server
from tests.kit.statements import recorded_statements
from tests.kit.steps import WORKFLOW, perform_runs, queue, record_outcomes
from tests.world import NOW

ANNA = 1
COUNT = 5
HOUR = dt.timedelta(hours=1)
LATER = NOW + 2 * HOUR
REMIND: dict[str, Any] = {"when": "after", "amount": "2", "unit": "hours", "recheck": True}
NEWS = {"kind": "send_marketing", "settings": {"channel": "email", "subject": "Tulips", "message": "In May."}}

Doing = Callable[[], object]


@pytest.fixture(autouse=True)
def public_url(app: Flask) -> Iterator[None]:
    app.config["PUBLIC_URL"], kept = "https://bloom.example", app.config.get("PUBLIC_URL")
    yield
    app.config["PUBLIC_URL"] = kept


def reminders(*conditions: dict[str, Any], action: dict[str, Any] | None = None) -> int:
    """Let several reminders be due together at LATER; return the id of their automation."""
    act = (action or shop.email_to()) | {"timing": REMIND}
    automation_id = shop.publish_automation("Remind", "created", *conditions, actions=[act])
    for number in range(COUNT):
        shop.place_order(str(number), customer_id=ANNA)
    return automation_id


def send_while(app: Flask, meanwhile: Doing, now: dt.datetime = LATER) -> int:
    """Send what is due through a server that takes its time; return how many messages left."""
    with SinkThatLooksAway(meanwhile=lambda: _elsewhere(app, meanwhile)) as smtp:
        use_smtp_server(app, smtp.port)
        record_outcomes(perform_runs(app, queue(now=now), now=now), now)
        db.session.rollback()
        return len(smtp.emails)


def states() -> Counter[str]:
    return Counter(run.state for run in shop.runs())


def test_orders_cancelled_meanwhile_are_not_reminded(app: Flask) -> None:
    reminders(shop.condition("status", "equals", "unconfirmed"))
    cancelled = [str(number) for number in range(1, COUNT)]
    left = send_while(app, lambda: [shop.place_order(number, status="cancelled") for number in cancelled])
    assert (left, states()) == (1, {SUCCEEDED: 1, CANCELLED: COUNT - 1})
    assert "its conditions no longer held" in (shop.runs()[-1].reason or "")


def test_an_automation_switched_off_meanwhile_sends_no_more(app: Flask) -> None:
    automation_id = reminders()
    left = send_while(app, lambda: shop.switch_off(automation_id))
    assert (left, states()) == (1, {SUCCEEDED: 1, WAITING: COUNT - 1})
    assert shop.runs()[-1].reason == held_while_off.HELD


def test_an_automation_archived_meanwhile_sends_no_more(app: Flask) -> None:
    automation_id = reminders()
    assert send_while(app, lambda: _archive(automation_id)) == 1
    assert states() == {SUCCEEDED: 1, CANCELLED: COUNT - 1}


def test_an_owner_who_left_meanwhile_has_nothing_sent_any_more(app: Flask) -> None:
    reminders()
    assert send_while(app, lambda: _set(User, "rosa@bloom.example", disabled_at=NOW)) == 1
    assert states() == {SUCCEEDED: 1, WAITING: COUNT - 1}


def test_an_owner_who_may_only_look_meanwhile_has_nothing_sent_any_more(app: Flask) -> None:
    reminders()
    assert send_while(app, _rosa_may_only_look) == 1
    assert states() == {SUCCEEDED: 1, WAITING: COUNT - 1}


def test_a_store_put_on_hold_meanwhile_sends_no_more(app: Flask) -> None:
    reminders()
    assert send_while(app, lambda: _in_write(lambda session: store_hold.begin(session, NOW))) == 1
    assert states()[WAITING] >= COUNT - 1


def test_a_hold_that_left_the_runs_under_way_alone_stops_them_too(app: Flask, bloom: Store) -> None:
    reminders()
    id = bloom.id
    assert send_while(app, lambda: _in_write(lambda s: s.add(Hold(store_id=id, since=NOW)))) == 1
    assert states() == {SUCCEEDED: 1, QUEUED: COUNT - 1}


def test_marketing_stops_when_consent_is_withdrawn_meanwhile(app: Flask) -> None:
    _set_customer(marketing_consent=True)
    reminders(action=NEWS)
    assert send_while(app, lambda: _set_customer(marketing_consent=False)) == 1
    assert states() == {SUCCEEDED: 1, SKIPPED: COUNT - 1}
    assert shop.runs()[-1].reason == send_marketing.NO_CONSENT


def test_marketing_waits_for_quiet_hours_that_begin_meanwhile(app: Flask) -> None:
    _set_customer(marketing_consent=True)
    reminders(action=NEWS)
    assert send_while(app, lambda: _set_store(quiet_hours=["11:00", "15:00"])) == 1
    assert states() == {SUCCEEDED: 1, WAITING: COUNT - 1}
    assert {run.due_at.hour for run in shop.runs()[1:]} == {15}


def test_a_date_that_moved_on_meanwhile_is_waited_for(app: Flask) -> None:
    day = {"when": "date", "field": "delivery_date", "amount": "0", "unit": "days", "direction": "after"}
    action = shop.email_to() | {"timing": day | {"time": "12:00", "recheck": True}}
    shop.publish_automation("Today", "created", actions=[action])
    for number in range(COUNT):
        shop.place_order(str(number), customer_id=ANNA, delivery_date=NOW.date())
    tomorrow = NOW.date() + dt.timedelta(days=1)
    left = send_while(app, lambda: shop.place_order(str(COUNT - 1), delivery_date=tomorrow))
    assert (left, states()) == (COUNT - 1, {SUCCEEDED: COUNT - 1, WAITING: 1})


def test_a_record_changed_meanwhile_is_described_as_it_is_then(app: Flask) -> None:
    reminders(action=shop.email_to(message="Now {{ order.status }}."))
    confirm = partial(_elsewhere, app, lambda: shop.place_order("4", status="confirmed"))
    with SinkThatLooksAway(meanwhile=confirm) as smtp:
        use_smtp_server(app, smtp.port)
        record_outcomes(perform_runs(app, queue(now=LATER), now=LATER), LATER)
    assert [email.get_content().strip() for email in smtp.emails] == ["Now Unconfirmed."] * 4 + [
        "Now Confirmed."
    ]


def test_requests_to_an_address_closed_meanwhile_are_not_sent(app: Flask, bloom: Store) -> None:
    calls_at_once(1)
    id = bloom.id
    with HttpSink() as sink, allowing("127.0.0.1"):
        url = sink.url(path="/jobs")

        def close() -> None:
            row = ClosedEndpoint(store_id=id, url=url, host="127.0.0.1", closed_at=NOW)
            _in_write(lambda session: session.add(row))

        sink.answer = _once(app, close)
        reminders(action=shop.request_to(url))
        record_outcomes(perform_runs(app, queue(now=LATER), now=LATER), LATER)
    db.session.rollback()
    assert (len(sink.seen), states()) == (1, {SUCCEEDED: 1, SKIPPED: COUNT - 1})


def test_requests_about_orders_cancelled_meanwhile_are_not_sent(app: Flask) -> None:
    calls_at_once(1)
    cancelled = [str(number) for number in range(1, COUNT)]
    with HttpSink() as sink, allowing("127.0.0.1"):
        sink.answer = _once(
            app, lambda: [shop.place_order(number, status="cancelled") for number in cancelled]
        )
        condition = shop.condition("status", "equals", "unconfirmed")
        reminders(condition, action=shop.request_to(sink.url(path="/jobs")))
        record_outcomes(perform_runs(app, queue(now=LATER), now=LATER), LATER)
    db.session.rollback()
    assert (len(sink.seen), states()) == (1, {SUCCEEDED: 1, CANCELLED: COUNT - 1})
    assert [len(run.attempts) for run in shop.runs()] == [1] + [0] * (COUNT - 1)


@pytest.mark.parametrize(("agrees", "left"), [(True, COUNT), (False, 1)])
def test_who_was_merged_meanwhile_is_asked_as_who_they_are_now(app: Flask, agrees: bool, left: int) -> None:
    _set_customer(marketing_consent=True)
    reminders(action=NEWS)
    assert send_while(app, lambda: _merge_anna(agrees)) == left
    assert states()[SUCCEEDED] == left


def test_a_retry_of_marketing_asks_for_consent_again(app: Flask) -> None:
    _set_customer(marketing_consent=True)
    shop.publish_automation("News", "created", actions=[NEWS])
    shop.place_order("1", customer_id=ANNA)
    use_smtp_server(app, free_port())
    record_outcomes(perform_runs(app, queue()))
    db.session.rollback()
    (run,) = shop.runs()
    assert (run.state, run.tries) == (WAITING, 1)
    _set_customer(marketing_consent=False)
    record_outcomes(perform_runs(app, queue(now=LATER), now=LATER), LATER)
    db.session.rollback()
    assert (shop.runs()[0].state, shop.runs()[0].reason) == (SKIPPED, send_marketing.NO_CONSENT)


def test_the_last_look_is_one_statement_for_those_that_leave_together(app: Flask) -> None:
    with HttpSink() as sink, allowing("127.0.0.1"):
        shop.publish_automation("Book", "created", actions=[shop.request_to(sink.url(path="/jobs"))])
        for number in range(COUNT):
            shop.place_order(str(number), customer_id=ANNA)
        ids = queue()
        with recorded_statements() as statements:
            perform_runs(app, ids)
    assert len(sink.seen) == COUNT
    assert sum("is_stopped" in text for text, _ in statements) == 1
    assert sum(text.startswith("UPDATE run SET") for text, _ in statements) == 1


def test_postgres_keeps_its_plan_of_the_look_at_a_message(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    _set_customer(marketing_consent=True)
    shop.publish_automation("News", "created", actions=[NEWS])
    shop.place_order("1", customer_id=ANNA)
    ids = queue()
    with write() as session:
        (run,) = claim.claim(session, ids, WORKFLOW, NOW)
    for _ in range(20):
        assert last_look.may_be_stopped(db.session(), [run], NOW) == set()
    prepared = sa.text(
        "SELECT generic_plans > custom_plans, CAST(parameter_types AS text) FROM pg_prepared_statements"
        " WHERE statement LIKE '%is_stopped%'"
    )
    ((is_kept, types),) = db.session.execute(prepared)
    # With lists it is kept for these few rows only: of a list, Postgres supposes that it has ten entries.
    assert is_kept and "[]" not in types


def _once(app: Flask, meanwhile: Doing) -> Callable[[Seen], int]:
    """Return an answer that lets something happen before the first request is answered."""
    begun = threading.Event()

    def answer(_: Seen) -> int:
        if not begun.is_set():
            begun.set()
            _elsewhere(app, meanwhile)
        return 200

    return answer


def _elsewhere(app: Flask, doing: Doing) -> None:
    """Do something in this thread, as another program would."""
    with app.app_context():
        doing()
        db.session.remove()


def _in_write(work: Callable[[sa.orm.Session], object]) -> None:
    with write() as session:
        work(session)


def _archive(automation_id: int) -> None:
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        archiving.archive(session, session.get_one(Automation, automation_id), rosa, NOW)


def _rosa_may_only_look() -> None:
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        session.query(Membership).filter_by(user_id=rosa.id).update({"role": "viewer"})


def _set(table: Any, email: str, **values: object) -> None:
    with write() as session:
        session.query(table).filter_by(email=email).update(values)


def _set_customer(**values: object) -> None:
    with write() as session:
        session.query(Customer).filter_by(id=ANNA).update(values)


def _merge_anna(agrees: bool) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        stays = Customer(store_id=store.id, number="C-stays", email="now@b.example", tags=[])
        stays.created_at = stays.updated_at = NOW
        session.add(stays)
        session.flush()
        customer_merging.merge(session, store, stays.id, ANNA, rosa.id, NOW)
        session.query(Customer).filter_by(id=stays.id).update({"marketing_consent": agrees})


def _set_store(**values: object) -> None:
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").update(values)
