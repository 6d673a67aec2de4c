"""A campaign reaches exactly those it said it would, each once, however often it is interrupted."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import pytest
from flask import Flask

from automations.engine.fields.subjects import SUBJECTS
from automations.features.audience import campaign_edits, campaign_sending, segment_edits
from automations.features.scheduling import upcoming_decisions
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.people import User
from automations.models.tables.run import Run
from automations.models.tables.segment import SENDING, SENT, Campaign
from automations.models.tables.store import Store
from automations.pipeline.delivery import claim
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Change
from tests.kit import shop
from tests.kit.doing import add_connection, perform_due
from tests.kit.outside.smtp_sink import SmtpSink
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
#: SEGMENT_SIZE=20000 asks for the size that is promised.
CUSTOMERS = int(os.environ.get("SEGMENT_SIZE", "2000"))
MESSAGE = {
    "channel": "email",
    "subject": "Peonies",
    "message": "Hello {{ customer.first_name }}, they are in.",
}


def person(place: int) -> dict[str, Any]:
    """Of ten: one without consent, one with an address nobody can write to."""
    email = "nobody(at)nowhere" if place % 10 == 1 else f"c{place}@example.com"
    return {
        "first_name": f"Mia {place}",
        "email": email,
        "marketing_consent": place % 10 != 0,
        "tags": ["vip"],
    }


def fill(count: int) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        changes = [Change(f"M-{place}", person(place)) for place in range(count)]
        receive(session, store, "customer", changes, shop.TILL, NOW)


def campaign(once_in_days: int | None = None) -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        vip = [shop.condition("tags", "contains", "vip")]
        name = f"Best {session.query(Campaign).count()}"
        segment = segment_edits.save(session, store, user, None, name, vip, NOW)
        made = campaign_edits.create(session, store, user, segment, name, MESSAGE, once_in_days, NOW)
        return made.id


def start(id: int) -> None:
    with write() as session:
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        campaign_edits.start(session, session.get_one(Campaign, id), user)


def preview(id: int) -> dict[str, int]:
    return campaign_sending.preview(db.session(), db.session.get_one(Campaign, id), NOW)


def send(id: int, now: dt.datetime = NOW) -> None:
    start(id)
    campaign_sending.send_all(lambda: now, lambda: True)


class Killed(BaseException):
    """The end of the process in the middle of a transaction."""


def test_the_recipients_are_those_shown_before_each_once() -> None:
    fill(CUSTOMERS)
    id = campaign()
    before = preview(id)
    tenth = CUSTOMERS // 10
    assert before == {
        "customers": CUSTOMERS,
        "no_consent": tenth,
        "invalid": tenth,
        "capped": 0,
        "capped_here": 0,
        "sent": CUSTOMERS - 2 * tenth,
    }
    start(id)
    for _ in range(2):
        run_in_write(lambda session: campaign_sending.send_chunk(session, id, NOW))
        with pytest.raises(Killed), write() as session:
            campaign_sending.send_chunk(session, id, NOW)
            raise Killed
        db.session.expire_all()
        assert db.session.get_one(Campaign, id).state == SENDING
        assert preview(id) == before
    campaign_sending.send_all(lambda: NOW, lambda: True)
    db.session.expire_all()
    found = db.session.get_one(Campaign, id)
    assert (found.state, found.counts) == (SENT, before)
    written = db.session.query(Occurrence.record_id).join(Run.evaluation).join(Occurrence).all()
    assert len(written) == len(set(written)) == before["sent"]
    assert campaign_sending.send_all(lambda: NOW, lambda: True) == 0


def test_customers_with_recent_marketing_are_left_out() -> None:
    fill(10)
    send(campaign())
    second = campaign(once_in_days=7)
    assert preview(second)["capped"] == 8
    later = NOW + dt.timedelta(days=8)
    assert campaign_sending.preview(db.session(), db.session.get_one(Campaign, second), later)["sent"] == 8


def test_at_night_it_waits_for_the_morning() -> None:
    fill(3)
    send(campaign(), NOW.replace(hour=22))
    assert {run.due_at for run in shop.runs()} == {NOW.replace(hour=8) + dt.timedelta(days=1)}


def test_the_stores_quiet_hours_also_hold_for_late_and_retried_runs() -> None:
    fill(3)
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").one().quiet_hours = ["21:00", "07:30"]
    send(campaign(), NOW.replace(hour=20))
    assert {run.due_at for run in shop.runs()} == {NOW.replace(hour=20)}
    # The worker was away until eleven at night.
    perform_due(NOW.replace(hour=23))
    db.session.rollback()
    morning = NOW.replace(hour=7, minute=30) + dt.timedelta(days=1)
    assert {(run.state, run.due_at, run.tries) for run in shop.runs()} == {("waiting", morning, 0)}
    perform_due(morning)
    db.session.rollback()
    assert {run.state for run in shop.runs()} <= {"succeeded", "skipped"}


def test_a_message_sent_by_hand_leaves_even_at_night() -> None:
    fill(4)
    send(campaign(), NOW.replace(hour=22))
    with write() as session:
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        upcoming_decisions.send_now(session, shop.runs()[0], user, NOW.replace(hour=23))
    perform_due(NOW.replace(hour=23))
    db.session.rollback()
    assert [run.state for run in shop.runs()] == ["succeeded", "waiting"]


def test_the_day_consent_was_given_is_kept() -> None:
    shop.place_customer("C-9", marketing_consent=True)
    assert db.session.query(Customer).filter_by(number="C-9").one().marketing_consent_since == NOW


@pytest.mark.parametrize(
    ("name", "settings", "days", "path"),
    [
        ("", {}, None, "name"),
        ("Spring", {"message": ""}, None, "settings.message"),
        ("Spring", {"channel": "pigeon"}, None, "settings.channel"),
        ("Spring", {}, 0, "once_in_days"),
    ],
)
def test_missing_settings_are_reported(name: str, settings: Any, days: int | None, path: str) -> None:
    assert [
        one.path for one in campaign_edits._problems(name, MESSAGE | settings, days, SUBJECTS["customer"])
    ] == [path]


def test_no_message_of_a_campaign_is_claimed_a_second_time_before_it_leaves(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claimed_again(*_: object) -> None:
        raise AssertionError("Nothing has changed since it was claimed.")

    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://bloom.example")
    monkeypatch.setattr(claim, "claim_again", claimed_again)
    fill(10)
    with SmtpSink() as smtp:
        settings = {"host": "127.0.0.1", "port": smtp.port, "security": "none", "username": ""}
        add_connection("smtp", settings)
        send(campaign())
        assert perform_due() == 8
    assert len(smtp.emails) == 8
