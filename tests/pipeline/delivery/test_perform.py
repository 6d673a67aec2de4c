"""Effects in other systems: attempts, retries and unknown outcomes by the rules of each channel."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request as Seen
from werkzeug import Response

from automations.models.db.base import db, run_in_write, write
from automations.models.tables import secret
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.models.tables.run import FAILED, SKIPPED, SUCCEEDED, UNKNOWN, WAITING, Attempt, Message, Run
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import BOX, add_connection, perform_all, perform_due
from tests.kit.live import wait_until, working
from tests.kit.outside.outside import allowing
from tests.world import NOW

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def local_calls(app: Flask) -> Iterator[None]:
    with allowing("localhost", "127.0.0.1"):
        yield


def request(httpserver: HTTPServer, **changes: str) -> dict[str, Any]:
    settings = {
        "method": "POST",
        "url": httpserver.url_for("/jobs/") + "{{ order.number }}?to={{ customer.name }}",
        "headers": "Authorization: Bearer {{ secrets.courier }}\nX-Order: {{ order.number }}",
        "body_kind": "json",
        "body": "reference = {{ order.number }}\nname = {{ customer.name }}",
        "signed_with": "",
        "status": "",
        "answer_path": "",
        "answer_value": "",
    }
    return {"kind": "http_request", "settings": settings | changes}


def keep_secret(name: str, value: str, host: str = "", now: dt.datetime = NOW) -> None:
    def keep(session: Any) -> None:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        secret.keep(session, store.id, name, value, host, BOX, now)

    run_in_write(keep)


def anna(**changes: Any) -> int:
    with write() as session:
        customer = session.query(Customer).filter_by(number="C-1").one()
        for name, value in changes.items():
            setattr(customer, name, value)
    return db.session.query(Customer).filter_by(number="C-1").one().id


def fired(*actions: dict[str, Any], **customer: Any) -> None:
    shop.publish_automation("Book", "created", actions=list(actions))
    shop.place_order(customer_id=anna(**customer))


def test_a_request_is_sent_with_its_secret_and_its_answer_is_stored(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs/10482").respond_with_data('{"id": "J-7"}', status=201)
    keep_secret("courier", "s3cret")
    fired(request(httpserver), first_name='An"na', last_name="& Co {{ secrets.courier }}")
    perform_all()
    ((seen, _),) = httpserver.log
    assert seen.json == {"reference": "10482", "name": 'An"na & Co {{ secrets.courier }}'}
    assert seen.args["to"] == 'An"na & Co {{ secrets.courier }}'
    assert seen.headers["Authorization"] == "Bearer s3cret"
    (run,) = shop.runs()
    (attempt,) = run.attempts
    assert (run.state, attempt.result, attempt.provider_id) == (SUCCEEDED, "sent", "J-7")
    assert attempt.answer == {"status": 201, "body": '{"id": "J-7"}', "cut": False}
    assert attempt.prepared["subject"].startswith("POST http://")
    assert "s3cret" not in json.dumps(attempt.prepared)
    assert db.session.query(Message).count() == 0


def test_customer_data_in_a_header_cannot_insert_a_secret_or_another_header(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data("ok")
    keep_secret("courier", "s3cret")
    headers = "X-Name: {{ customer.first_name }}\nX-Both: {{ secrets.courier }}{{ customer.first_name }}"
    fired(
        request(httpserver, url=httpserver.url_for("/x"), headers=headers),
        first_name="{{ secrets.courier }}\r\nEvil: 1",
    )
    perform_all()
    ((seen, _),) = httpserver.log
    assert seen.headers["X-Name"] == "{{ secrets.courier }} Evil: 1"
    assert seen.headers["X-Both"] == "s3cret{{ secrets.courier }} Evil: 1"
    assert "Evil" not in seen.headers


def test_retries_have_the_same_key_and_respect_the_wait_the_server_asks_for(httpserver: HTTPServer) -> None:
    answers = iter([Response(status=503, headers={"Retry-After": "900"}), Response("ok")])
    httpserver.expect_request("/jobs/10482").respond_with_handler(lambda _: next(answers))
    keep_secret("courier", "s3cret")
    fired(request(httpserver))
    perform_due()
    (run,) = shop.runs()
    assert (run.state, run.due_at) == (WAITING, NOW + dt.timedelta(seconds=900))
    perform_due(run.due_at)
    keys = {seen.headers["Idempotency-Key"] for seen, _ in httpserver.log}
    assert (len(httpserver.log), len(keys)) == (2, 1)
    db.session.rollback()
    assert [attempt.result for attempt in shop.runs()[0].attempts] == ["try_again", "sent"]


def test_requests_verify_with_the_old_and_the_new_secret_for_a_day(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data("ok")
    keep_secret("sign", SIGNING)
    new = SIGNING.replace("Mf", "Nf")
    keep_secret("sign", new)
    call = request(httpserver, url=httpserver.url_for("/x"), headers="", signed_with="sign")
    shop.publish_automation("Book", "created", actions=[call])
    for number, now in (("1", NOW), ("2", NOW + dt.timedelta(hours=25))):
        shop.place_order(number, now=now)
        perform_all(now)
    (first, _), (second, _) = httpserver.log
    for valid in (SIGNING, new):
        Webhook(valid).verify(first.data, dict(first.headers), json_parse=False)
    Webhook(new).verify(second.data, dict(second.headers), json_parse=False)
    assert len(second.headers["Webhook-Signature"].split(" ")) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_refused_request_fails_the_run_and_stores_the_answer(status: int, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs/10482").respond_with_data("gone", status=status)
    keep_secret("courier", "s3cret")
    fired(request(httpserver))
    perform_all()
    (run,) = shop.runs()
    assert (run.state, run.attempts[0].answer["status"]) == (FAILED, status)
    assert str(status) in (run.reason or "")


def test_a_missing_secret_fails_the_run(httpserver: HTTPServer) -> None:
    fired(request(httpserver))
    perform_all()
    (run,) = shop.runs()
    assert (run.state, run.reason) == (
        FAILED,
        "There is no secret called “courier” any more. Add it in Settings.",
    )


def test_an_internal_address_is_never_called(httpserver: HTTPServer) -> None:
    with allowing("10.0.0.1"):
        fired(request(httpserver, url="http://10.0.0.1/x", headers=""))
    perform_all()
    (run,) = shop.runs()
    assert run.state == SKIPPED
    assert "is not a public address" in (run.reason or "")


def _begin(kind: str) -> Run:
    """Put the run back as if its process had died right after writing the attempt."""
    (run,) = shop.runs()
    assert run.kind == kind
    with write() as session:
        prepared = session.query(Attempt).one().prepared
        session.execute(sa.update(Attempt).values(result="started", prepared=prepared, finished_at=None))
        session.execute(sa.update(Run).values(state=WAITING, due_at=NOW))
    return run


def test_a_request_begun_without_an_answer_is_repeated_with_its_key(httpserver: HTTPServer) -> None:
    seen: list[Seen] = []
    httpserver.expect_request("/jobs/10482").respond_with_handler(
        lambda call: seen.append(call) or Response("ok")
    )
    keep_secret("courier", "s3cret")
    fired(request(httpserver))
    perform_due()
    _begin("http_request")
    perform_all()
    assert len({call.headers["Idempotency-Key"] for call in seen}) == 1
    assert (len(seen), shop.runs()[0].state) == (2, SUCCEEDED)


TEXT = {
    "kind": "send_sms",
    "settings": {"to": "customer", "number": "", "message": "Hi {{ customer.first_name }}"},
}


def test_a_text_message_begun_without_an_answer_is_unknown(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/sms").respond_with_json({"status": "ok", "id": "G7"})
    add_connection("sms", {"preset": "generic", "url": httpserver.url_for("/sms")}, "token")
    fired(TEXT)
    perform_due()
    _begin("send_sms")
    perform_all()
    assert (len(httpserver.log), shop.runs()[0].state) == (1, UNKNOWN)


def test_a_text_message_is_sent_through_the_gateway_and_stored(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/sms").respond_with_json({"status": "ok", "id": "G7"})
    add_connection("sms", {"preset": "generic", "url": httpserver.url_for("/sms")}, "token")
    fired(TEXT)
    perform_all()
    message = db.session.query(Message).one()
    assert (message.channel, message.connector, message.provider_id) == ("sms", "generic", "G7")
    assert (message.to, message.body, message.subject) == ("+442079460958", "Hi Anna", "Text message, 1 part")


def test_without_a_gateway_the_mailbox_keeps_the_text_message() -> None:
    fired(TEXT)
    perform_all()
    message = db.session.query(Message).one()
    assert (message.channel, message.connector) == ("sms", "mailbox")


@pytest.mark.parametrize(
    ("phone", "reason"),
    [("", "The customer has no phone number."), ("12345", "“12345” is not a valid phone number.")],
)
def test_an_invalid_phone_number_is_skipped_with_its_reason(phone: str, reason: str) -> None:
    fired(TEXT, phone=phone)
    perform_all()
    (run,) = shop.runs()
    assert (run.state, run.reason, run.attempts) == (SKIPPED, reason, [])


def test_a_phone_number_is_read_in_the_stores_region() -> None:
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").one().region = "RU"
    fired(TEXT, phone="8-800-000-00-60")
    perform_all()
    assert db.session.query(Message).one().to == "+78000000060"


def test_an_unreadable_password_fails_only_the_runs_that_need_it() -> None:
    add_connection("sms", {"preset": "twilio", "account": "AC1"}, "token")
    with write() as session:
        session.execute(sa.text("UPDATE connection SET secret = 'garbage'"))
    fired(TEXT, shop.email_to())
    perform_all()
    text, email = shop.runs()
    assert (text.state, email.state) == (FAILED, SUCCEEDED)
    assert "See the text message settings." in (text.reason or "")


def test_a_later_action_uses_the_answer_of_an_earlier_one(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/jobs/10482").respond_with_json({"job": {"tracking": "T-77"}})
    keep_secret("courier", "s3cret")
    note = {"field": "tracking_number", "value": "{{ answers.1.job.tracking }}"}
    mail = shop.email_to(message="Follow it: {{ answers[1].job.tracking }}{{ answers.1.nothing }}")
    fired(request(httpserver), {"kind": "change_data", "settings": note}, mail)
    for second in range(0, 10, 3):
        perform_due(NOW + dt.timedelta(seconds=second))
    db.session.rollback()
    assert [run.state for run in shop.runs()] == [SUCCEEDED] * 3
    assert db.session.query(Order).one().tracking_number == "T-77"
    assert db.session.query(Message).one().body == "Follow it: T-77"


def test_an_action_waits_for_the_answer_it_needs_and_is_skipped_if_that_fails(
    httpserver: HTTPServer,
) -> None:
    answers = iter([Response(status=503), Response("no", status=404)])
    httpserver.expect_request("/jobs/10482").respond_with_handler(lambda _: next(answers))
    keep_secret("courier", "s3cret")
    fired(request(httpserver), shop.email_to(message="{{ answers.1.id }}"))
    perform_due()
    perform_due(NOW + dt.timedelta(seconds=2))
    db.session.rollback()
    assert [(run.state, run.tries) for run in shop.runs()] == [(WAITING, 1), (WAITING, 0)]
    for second in range(5, 40, 3):
        perform_due(NOW + dt.timedelta(seconds=second))
    db.session.rollback()
    failed, skipped = shop.runs()
    assert (failed.state, skipped.state) == (FAILED, SKIPPED)
    assert skipped.reason == "It needs the answer of action 1, which did not succeed."


def test_a_notification_whose_chat_message_failed_is_written_once_and_the_chat_retried(
    httpserver: HTTPServer,
) -> None:
    answers = iter([Response(status=500), Response("ok")])
    httpserver.expect_request("/room").respond_with_handler(lambda _: next(answers))
    add_connection("chat", {}, f"json://127.0.0.1:{httpserver.port}/room")
    notice = {"to": "manager", "title": "Late {{ order.number }}", "message": "", "also": "chat"}
    fired({"kind": "notify", "settings": notice})
    perform_due()
    perform_due(NOW + dt.timedelta(minutes=1))
    db.session.rollback()
    (run,) = shop.runs()
    assert run.state == SUCCEEDED
    assert [(attempt.part, attempt.result) for attempt in run.attempts] == [
        (1, "try_again"),
        (0, "sent"),
        (1, "sent"),
    ]
    count = sa.select(sa.func.count()).select_from(sa.text("notification"))
    assert db.session.scalar(count) == 1


def test_a_worker_does_every_kind_of_action(app: Flask, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_json({"id": "J-7"})
    call = request(httpserver, url=httpserver.url_for("/x"), headers="")
    notice = {"to": "manager", "title": "Booked", "message": "", "also": ""}
    task = {"title": "Wrap", "assignee": "manager", "due_from": "", "priority": "low"}
    follow = {"field": "tracking_number", "value": "{{ answers.1.id }}"}
    kinds = {"notify": notice, "create_task": task, "change_data": follow}
    others = [{"kind": kind, "settings": settings} for kind, settings in kinds.items()]
    shop.publish_automation("Book", "created", actions=[call, TEXT, *others])
    # The worker goes by the real clock.
    shop.place_order(customer_id=anna(), now=dt.datetime.now(dt.UTC))
    with working(app):
        wait_until(lambda: {run.state for run in db.session.query(Run)} == {SUCCEEDED})
    assert db.session.query(Order).one().tracking_number == "J-7"
    assert len(shop.runs()) == 5
