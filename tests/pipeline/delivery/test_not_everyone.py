"""An email of which some addresses are none: the others get theirs, once, and the log says who did not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from flask.testing import FlaskClient

from automations.connectors.receipts import Receipt
from automations.connectors.smtp import close_kept
from automations.features.history.run_lines import lines_of
from automations.models.db.base import db, run_in_write
from automations.models.tables.people import User
from automations.models.tables.run import FAILED, QUEUED, SKIPPED, WAITING, Message
from automations.pipeline.delivery.perform import perform
from automations.pipeline.runs import run_decisions
from automations.pipeline.runs.claimed_run import left_with
from tests.connectors.servers import Handler, mail_server
from tests.kit import shop
from tests.kit.doing import BOX, add_connection, perform_due
from tests.kit.outside.outside import allowing
from tests.kit.steps import written
from tests.web.pages import sign_in, text_of
from tests.world import NOW


class Busy(Handler):
    """A server that is busy for one address, for a while, and does not know another."""

    is_busy = True

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("unknown"):
            return "550 No such user"
        if self.is_busy:
            return "450 Busy"
        return await super().handle_RCPT(server, session, envelope, address, options)


LETTER = {"to": "customer", "subject": "Thanks", "message": "Your order is here."}
BAD = "“n/a” is not a valid email address."


@contextmanager
def sending(handler: Handler, note: str = "n/a", **settings: str) -> Iterator[int]:
    """An order is created whose note is no address, and an email of its customer's is due; yields its run."""
    action = {"kind": "send_email", "settings": LETTER | settings}
    with allowing("127.0.0.1"), mail_server(handler) as port:
        add_connection("smtp", {"host": "127.0.0.1", "port": port, "security": "none"})
        shop.publish_automation("Thanks", "created", actions=[action])
        shop.place_order(customer_id=1, note=note)
        yield shop.runs()[0].id
    close_kept()


def received(handler: Handler) -> list[list[str]]:
    return [mail.recipients for mail in handler.mails]


def test_the_others_get_theirs_and_the_entry_is_no_green_sent(app: Flask) -> None:
    handler = Handler()
    with sending(handler, to="address", address="a@x.example, {{ order.note }}, b@x.example") as run_id:
        perform_due()
    line = lines_of(db.session, [run_id])[run_id]
    assert (line.state, line.badge.word) == (FAILED, "Failed, needs you")
    assert line.reason.startswith(f"Not everyone got it. {BAD} 127.0.0.1 accepted it")
    assert (line.to, line.named) == (("a@x.example", "b@x.example"), ())
    assert received(handler) == [["a@x.example"], ["b@x.example"]]
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 2


def test_another_try_sends_nothing_twice(app: Flask) -> None:
    handler = Handler()
    with sending(handler, cc="{{ order.note }}, c@x.example") as run_id:
        perform_due()
        db.session.rollback()
        run = shop.runs()[0]
        user = db.session.scalars(sa.select(User)).first()
        assert user
        run_in_write(lambda session: run_decisions.retry(session, run, user, NOW))
        perform_due()
    assert received(handler) == [["anna@grandhotel.example", "c@x.example"]]
    line = lines_of(db.session, [run_id])[run_id]
    assert (line.state, BAD in line.reason) == (FAILED, True)


def test_a_worker_that_dies_after_it_left_knows_who_got_nothing(app: Flask) -> None:
    handler = Handler()
    with sending(handler, bcc="{{ order.note }}") as run_id:
        shop.set_run(run_id, state=QUEUED, workflow_id="w-1")
        written(perform([run_id], "w-1", BOX, lambda: NOW))
        shop.set_run(run_id, state=WAITING, workflow_id=None)
        perform_due()
    assert received(handler) == [["anna@grandhotel.example"]]
    assert f"Hidden copy to: {BAD}" in lines_of(db.session, [run_id])[run_id].reason


def test_an_address_the_server_does_not_know_keeps_no_other_from_its_next_try(app: Flask) -> None:
    handler = Busy()
    with sending(handler, to="address", address="unknown@x.example, late@x.example") as run_id:
        perform_due()
        assert shop.runs()[0].state == WAITING
        handler.is_busy = False
        perform_due(NOW + dt.timedelta(hours=1))
    assert received(handler) == [["late@x.example"]]
    line = lines_of(db.session, [run_id])[run_id]
    assert (line.state, "unknown@x.example" in line.reason) == (FAILED, True)


def test_whoever_the_server_refuses_hides_neither_the_others_nor_a_bad_address(app: Flask) -> None:
    """The three messages were tried once each, and two of them left."""
    handler = Busy()
    handler.is_busy = False
    to = "a@x.example, b@x.example, unknown@x.example, {{ order.note }}"
    with sending(handler, to="address", address=to) as run_id:
        perform_due()
    assert received(handler) == [["a@x.example"], ["b@x.example"]]
    line = lines_of(db.session, [run_id])[run_id]
    assert (line.state, len(line.tries), line.try_count) == (FAILED, 3, 1)
    assert line.reason.startswith("Not everyone got it. The mail server refused unknown@x.example: 550")
    assert BAD in line.reason and line.reason.count("Not everyone") == 1
    words = text_of(sign_in(FlaskClient(app, app.response_class), "finn").get("/orders/10482"))
    assert "for unknown@x.example (a@x.example, b@x.example got it): Not everyone got it." in words
    assert "3 tries" not in words


def test_a_bad_address_is_named_where_the_server_refuses_all_others(app: Flask) -> None:
    with sending(Busy(), to="address", address="unknown@x.example, {{ order.note }}") as run_id:
        perform_due()
    line = lines_of(db.session, [run_id])[run_id]
    assert line.state == FAILED and "Not everyone got it" not in line.reason
    assert "refused unknown@x.example: 550" in line.reason and line.reason.endswith(BAD)


@pytest.mark.parametrize("note", ["n/a", "n/a, also none"])
def test_without_any_good_address_it_is_skipped(app: Flask, note: str) -> None:
    handler = Handler()
    with sending(handler, note, to="address", address="{{ order.note }}") as run_id:
        perform_due()
    line = lines_of(db.session, [run_id])[run_id]
    assert (line.state, line.reason.startswith(BAD)) == (SKIPPED, True)
    assert handler.mails == []


def test_what_a_server_says_without_a_full_stop_does_not_run_into_the_next_sentence() -> None:
    refused, detail = "The mail server refused b@x.example: 550 no such user", "mail.example accepted it: 17"
    _, said = left_with(Receipt("m-17", detail=detail, missed=(refused, refused)))
    assert said == f"Not everyone got it. {refused}. {refused}. Mail.example accepted it: 17"
