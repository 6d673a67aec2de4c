"""The daily summary: only if wanted, once a day at the store's hour, silent with nothing to say."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer

from automations.connectors.secret_encryption import SecretBox
from automations.features.operations import daily_summaries
from automations.models.db.base import db, write
from automations.models.tables.daily_summary import SENDING, DailySummary
from automations.models.tables.people import Audit, Membership, User
from automations.models.tables.store import Connection, Store
from automations.pipeline.runs import store_hold
from tests.kit import shop
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import use_smtp_server
from tests.web.pages import text_of

DAY = dt.timedelta(days=1)
#: A morning in Auckland, thirteen hours ahead, whose day has long begun while it is the day before in London.
MORNING = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)


@pytest.fixture
def sink(app: Flask) -> Iterator[SmtpSink]:
    with SmtpSink() as running:
        use_smtp_server(app, running.port)
        with write() as session:
            session.query(Store).filter_by(name="Bloom & Wild St").one().timezone = "Pacific/Auckland"
        yield running


def send(app: Flask, now: dt.datetime = MORNING) -> int:
    """Do what the worker does each minute; return how many summaries left."""
    return daily_summaries.send_all(lambda: now, SecretBox([app.config["SECRET_KEY"]]))


def want(email: str = "rosa@bloom.example", now: dt.datetime = MORNING - 2 * DAY) -> int:
    """Switch on the summary of a person; return the id of their membership."""
    with write() as session:
        person = session.query(User).filter_by(email=email).one()
        membership = session.query(Membership).filter_by(user_id=person.id).first()
        assert membership
        daily_summaries.choose(session, membership, True, now)
        return membership.id


def something_fails(now: dt.datetime = MORNING - DAY) -> None:
    shop.publish_automation("Thank you", "created", now=now - DAY)
    for number, state in enumerate(("failed", "succeeded", "skipped")):
        shop.place_order(f"L-{number}", customer_id=1, now=now)
        shop.set_run(shop.runs()[-1].id, state=state, reason="550 anna@b.example is unknown")


def states() -> list[str]:
    db.session.rollback()
    return [row.state for row in db.session.query(DailySummary).order_by(DailySummary.id)]


def test_a_summary_says_what_needs_a_person_what_went_wrong_and_what_was_sent(
    app: Flask, sink: SmtpSink
) -> None:
    want()
    something_fails()
    assert send(app) == 1
    (email,), (to,) = sink.emails, sink.recipients
    assert to == ["rosa@bloom.example"]
    assert email["Subject"] == "Bloom & Wild St: 1 needs you, 1 went wrong yesterday"
    text = email.get_content().replace("\r\n", "\n")
    assert "Good morning Rosa Lind," in text
    assert "This needs you:\n- Thank you: 1 action failed or may have arrived\n" in text
    assert "This went wrong yesterday:\n- Thank you: 1 failed\n" in text
    assert "Yesterday (Sunday 22 November): 1 sent, 1 skipped, 1 failed." in text
    assert "L-0" not in text and "anna" not in text.lower(), "it names nobody and no record"


def test_a_summary_is_sent_once_a_day_and_again_on_the_next(app: Flask, sink: SmtpSink) -> None:
    want()
    something_fails()
    assert [send(app, MORNING + dt.timedelta(hours=hour)) for hour in (-1, 0, 1, 12)] == [0, 1, 0, 0]
    assert send(app, MORNING + DAY) == 1
    assert sink.per_message_id().total() == len(sink.per_message_id()) == 2


def test_two_workers_at_once_send_it_once(app: Flask, sink: SmtpSink) -> None:
    want()
    something_fails()
    start = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            start.wait()
            send(app)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert states() == ["sent"] and len(sink.emails) == 1


def test_a_summary_in_the_hand_of_a_worker_that_died_is_not_sent_again(app: Flask, sink: SmtpSink) -> None:
    want()
    something_fails()
    send(app)
    with write() as session:
        session.query(DailySummary).one().state = SENDING
    for minutes in (1, 20, 40):
        assert send(app, MORNING + dt.timedelta(minutes=minutes)) == 0
    assert states() == ["unknown"] and len(sink.emails) == 1


def _lost(app: Flask) -> None:
    """Leave the summary of today in the hand of a worker that died."""
    want(now=dt.datetime.now(dt.UTC) - 3 * DAY)
    today = dt.datetime.now(dt.UTC)
    something_fails(today - DAY)
    with write() as session:
        row = session.query(Membership).join(User).filter(User.email == "rosa@bloom.example").one()
        day = today.astimezone(ZoneInfo(row.store.timezone)).date()
        began = today - dt.timedelta(minutes=20)
        whose = {"store_id": row.store_id, "membership_id": row.id}
        session.add(DailySummary(**whose, day=day, state=SENDING, due_at=began, tries=1))
    send(app, today)


def test_whoever_may_have_missed_a_summary_is_told_and_has_it_sent_again(
    app: Flask, sink: SmtpSink, as_rosa: FlaskClient, as_ada: FlaskClient
) -> None:
    _lost(app)
    assert (states(), sink.emails) == (["unknown"], [])
    page = text_of(as_rosa.get("/notifications"))
    assert "Your daily summary may not have arrived" in page
    assert "Today’s summary may not have arrived. The program stopped while it was sending it." in page
    assert "may not have arrived" not in text_of(as_ada.get("/notifications"))
    refused = as_ada.post("/notifications/daily-summary/decision", data={"decision": "send_again"})
    assert refused.status_code == 303 and states() == ["unknown"]
    decision = {"decision": "send_again"}
    told = as_rosa.post("/notifications/daily-summary/decision", data=decision, follow_redirects=True)
    assert "It is sent again in a moment." in text_of(told)
    assert send(app, dt.datetime.now(dt.UTC)) == 1
    assert states() == ["sent"] and len(sink.emails) == 1
    again = as_rosa.post("/notifications/daily-summary/decision", data=decision, follow_redirects=True)
    assert "That summary no longer waits for a decision." in text_of(again)
    assert send(app, dt.datetime.now(dt.UTC)) == 0 and len(sink.emails) == 1


def test_a_summary_that_arrived_is_not_sent_again(app: Flask, sink: SmtpSink, as_rosa: FlaskClient) -> None:
    _lost(app)
    as_rosa.post("/notifications/daily-summary/decision", data={"decision": "arrived"})
    assert send(app, dt.datetime.now(dt.UTC)) == 0
    assert states() == ["sent"] and sink.emails == []
    assert db.session.query(Audit).order_by(Audit.number.desc()).first().action == "said it arrived"


def test_a_server_that_does_not_answer_is_tried_again_until_the_day_is_over(app: Flask, bloom: Store) -> None:
    with SmtpSink() as gone:
        port = gone.port
    use_smtp_server(app, port)
    with write() as session:
        session.get_one(Store, bloom.id).timezone = "Pacific/Auckland"
    want()
    something_fails()
    assert (send(app), states()) == (0, ["waiting"])
    with SmtpSink() as sink:
        with write() as session:
            server = session.query(Connection).one()
            server.settings = server.settings | {"port": sink.port}
        assert send(app, MORNING + dt.timedelta(minutes=5)) == 0
        assert send(app, MORNING + dt.timedelta(minutes=11)) == 1
        assert len(sink.emails) == 1 and states() == ["sent"]


def test_nothing_is_sent_on_a_day_with_nothing_to_say(app: Flask, sink: SmtpSink) -> None:
    want()
    assert (send(app), states()) == (0, ["silent"])
    something_fails(MORNING)
    assert send(app, MORNING + dt.timedelta(hours=2)) == 0, "the morning is over"
    assert send(app, MORNING + DAY) == 1


def test_nobody_gets_a_summary_who_did_not_ask_or_may_not_decide(app: Flask, sink: SmtpSink) -> None:
    something_fails()
    assert send(app) == 0 and states() == []
    membership_id = want()
    with write() as session:
        session.get_one(Membership, membership_id).role = "viewer"
    assert send(app) == 0 and states() == []


def test_a_summary_switched_on_after_its_hour_begins_the_next_day(app: Flask, sink: SmtpSink) -> None:
    something_fails()
    want(now=MORNING + dt.timedelta(minutes=1))
    assert (send(app, MORNING + dt.timedelta(minutes=2)), send(app, MORNING + DAY)) == (0, 1)


def test_a_store_on_hold_after_a_restore_sends_none(app: Flask, sink: SmtpSink) -> None:
    want()
    something_fails()
    with write() as session:
        store_hold.begin(session, MORNING)
    assert send(app) == 0 and states() == []


def test_the_link_in_it_ends_it_without_signing_in(app: Flask, sink: SmtpSink) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    membership_id = want()
    something_fails()
    send(app)
    found = re.search(r"http://localhost:8000(/daily-summary/\S+)", sink.emails[0].get_content())
    assert found
    stranger = app.test_client()
    assert "Stop the daily summary of Bloom & Wild St?" in text_of(stranger.get(found[1]))
    assert db.session.get_one(Membership, membership_id).summaries_from, "opening it changes nothing"
    assert "You get no daily summary" in text_of(stranger.post(found[1]))
    assert send(app, MORNING + DAY) == 0
    assert stranger.get(found[1] + "x").status_code == stranger.post("/daily-summary/none").status_code == 404
    switched = db.session.query(Audit).filter_by(action="switched off").one()
    assert switched.about == "the daily summary of Rosa Lind"


def test_the_link_in_an_email_of_an_earlier_release_still_ends_it(app: Flask) -> None:
    # As signed before it was called daily summary: the salt has to stay.
    token = URLSafeSerializer(app.config["SECRET_KEY"], salt="daily-letter").dumps(want())
    answer = app.test_client().get(f"/daily-letter/{token}", follow_redirects=True)
    assert answer.request.path == f"/daily-summary/{token}"
    assert "Stop the daily summary of Bloom & Wild St?" in text_of(answer)


def test_a_manager_switches_it_on_and_off_and_a_viewer_is_not_asked(
    app: Flask, as_rosa: FlaskClient, as_finn: FlaskClient
) -> None:
    use_smtp_server(app, 25)
    asked = text_of(as_rosa.get("/notifications"))
    assert "Send me the daily summary" in asked and "mail server" not in asked
    page = as_rosa.post("/notifications/daily-summary", data={"on": "yes"}, follow_redirects=True)
    assert "comes in the morning" in text_of(page) and "Stop the daily summary" in text_of(page)
    page = as_rosa.post("/notifications/daily-summary", data={"on": "no"}, follow_redirects=True)
    assert "Send me the daily summary" in text_of(page)
    assert "Daily summary" not in text_of(as_finn.get("/notifications"))
    assert as_finn.post("/notifications/daily-summary", data={"on": "yes"}).status_code == 403


def test_without_a_mail_server_it_promises_no_email(as_rosa: FlaskClient) -> None:
    page = text_of(as_rosa.get("/notifications"))
    assert "No mail server is set up, so no email comes: the summary stays in the Mailbox." in page
    page = text_of(as_rosa.post("/notifications/daily-summary", data={"on": "yes"}, follow_redirects=True))
    assert "The daily summary stays in the Mailbox" in page and "comes in the morning" not in page
