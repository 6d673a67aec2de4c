"""An email that some did not get, tried again: with a corrected address they get it, and nobody twice."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session

from automations.features.history.log_entries import RunLine
from automations.features.history.run_lines import lines_of
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.customer import Customer
from automations.models.tables.people import User
from automations.models.tables.run import FAILED, SUCCEEDED, WAITING, Attempt, Message, Run
from automations.pipeline.delivery.still_missing import CORRECT_IT, UNCLEAR
from automations.pipeline.runs import run_decisions
from tests.connectors.servers import Handler
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.pipeline.delivery.test_not_everyone import BAD, Busy, received, sending
from tests.world import NOW

ANNA = "anna@grandhotel.example"


class Knowing(Handler):
    """A server that refuses one address as long as its mailbox is full."""

    is_full = True

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.is_full and address.startswith("full"):
            return "552 Mailbox full"
        return await super().handle_RCPT(server, session, envelope, address, options)


def again(run_id: int = 1, now: dt.datetime = NOW) -> None:
    """Rosa says: try again."""
    db.session.rollback()
    run = db.session.get_one(Run, run_id)
    user = db.session.scalars(sa.select(User)).first()
    assert user
    run_in_write(lambda session: run_decisions.retry(session, run, user, now))
    perform_due(now)
    db.session.rollback()


def correct(note: str) -> None:
    """The address stands in the note of the order."""
    shop.place_order(note=note)


def line_of(run_id: int) -> RunLine:
    return lines_of(db.session, [run_id])[run_id]


def calm() -> Busy:
    handler = Busy()
    handler.is_busy = False
    return handler


@pytest.mark.usefixtures("app")
def test_a_corrected_address_gets_it_and_nobody_twice() -> None:
    handler = Handler()
    with sending(handler, to="address", address="a@x.example, {{ order.note }}, b@x.example") as run_id:
        perform_due()
        correct("c@x.example")
        again()
    assert received(handler) == [["a@x.example"], ["b@x.example"], ["c@x.example"]]
    assert {mail.message["Subject"] for mail in handler.mails} == {"Thanks"}
    line = line_of(run_id)
    assert (line.state, line.reason, line.named[-1]) == (SUCCEEDED, "", "c@x.example")
    assert db.session.scalars(sa.select(Message.to).order_by(Message.part)).all() == [
        "a@x.example",
        "b@x.example",
        "c@x.example",
    ]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", ["cc", "bcc"])
def test_a_corrected_copy_goes_out_alone(name: str) -> None:
    handler = Handler()
    with sending(handler, **{name: "c@x.example, {{ order.note }}"}) as run_id:
        perform_due()
        correct("d@x.example")
        again()
    assert received(handler) == [[ANNA, "c@x.example"], ["d@x.example"]]
    assert line_of(run_id).state == SUCCEEDED


@pytest.mark.usefixtures("app")
def test_an_address_that_is_still_none_is_said_to_be_and_can_be_corrected_later() -> None:
    handler = Handler()
    with sending(handler, cc="{{ order.note }}") as run_id:
        perform_due()
        again()
        line = line_of(run_id)
        assert (line.state, line.named) == (FAILED, ())
        assert line.reason == f"Not everyone got it. Copy to: {BAD} {CORRECT_IT}"
        correct("c@x.example")
        again()
    assert received(handler) == [[ANNA], ["c@x.example"]]
    assert line_of(run_id).state == SUCCEEDED


@pytest.mark.usefixtures("app")
def test_one_of_two_is_corrected_and_the_other_still_named() -> None:
    handler = Handler()
    with sending(handler, "n/a, nobody", to="address", address="a@x.example, {{ order.note }}") as run_id:
        perform_due()
        correct("n@x.example, still nobody")
        again()
    assert received(handler) == [["a@x.example"], ["n@x.example"]]
    line = line_of(run_id)
    assert line.state == FAILED and "“still nobody” is not a valid" in line.reason and BAD not in line.reason


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("is_in_part", [False, True])
def test_a_customer_whose_address_the_server_refused_gets_it_at_the_new_one(is_in_part: bool) -> None:
    handler = calm()
    address = "{{ customer.email }}, b@x.example" if is_in_part else "{{ customer.email }}"
    with sending(handler, to="address", address=address) as run_id:
        _give_anna("unknown@x.example")
        shop.set_run(run_id, state=SUCCEEDED)
        shop.place_order("A-2", customer_id=1)
        perform_due()
        run_id = shop.runs()[-1].id
        assert line_of(run_id).named == ("unknown@x.example",)
        _give_anna("anna@new.example")
        again(run_id)
    assert received(handler) == [["b@x.example"]] * is_in_part + [["anna@new.example"]]
    assert line_of(run_id).state == SUCCEEDED


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", ["address", "cc", "bcc"])
def test_whoever_got_it_does_not_get_it_at_a_new_address_too(name: str) -> None:
    handler = Handler()
    base = {"to": "address", "address": "desk@x.example"}
    with sending(handler, **base | {name: "{{ customer.email }}, {{ order.note }}"}) as run_id:
        perform_due()
        first = received(handler)
        _give_anna("anna@new.example")
        again()
        reason = line_of(run_id).reason
        assert BAD in reason and CORRECT_IT in reason and UNCLEAR.format("anna@new.example") in reason
        correct("c@x.example")
        again()
        line = line_of(run_id)
        assert line.state == FAILED and UNCLEAR.format("c@x.example") in line.reason
        assert CORRECT_IT not in line.reason and received(handler) == first
        _give_anna(ANNA)
        again()
    assert received(handler) == [*first, ["c@x.example"]]
    assert line_of(run_id).state == SUCCEEDED


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", ["cc", "bcc"])
def test_a_copy_that_was_refused_is_nobodys_new_address(name: str) -> None:
    handler = Knowing()
    copies = {name: "{{ customer.email }}, full@x.example"}
    with sending(handler, to="address", address="desk@x.example", **copies) as run_id:
        perform_due()
        assert line_of(run_id).named == ("full@x.example",)
        _give_anna("anna@new.example")
        handler.is_full = False
        again()
        line = line_of(run_id)
        assert UNCLEAR.format("anna@new.example") in line.reason
        assert UNCLEAR.format("full@x.example") not in line.reason
    assert received(handler) == [["desk@x.example", ANNA], ["full@x.example"]]


@pytest.mark.usefixtures("app")
def test_an_order_of_somebody_else_by_now_is_told_to_nobody_else() -> None:
    handler = calm()
    with sending(handler, to="address", address="unknown{{ customer.email }}, b@x.example") as run_id:
        perform_due()
        shop.place_order(customer_id=2)
        again(run_id)
    assert received(handler) == [["b@x.example"]]
    assert line_of(run_id).named == (f"unknown{ANNA}",)


def _give_anna(email: str) -> None:
    with write() as session:
        session.execute(sa.update(Customer).where(Customer.id == 1).values(email=email))


@pytest.mark.usefixtures("app")
def test_copies_go_with_the_first_whom_the_server_accepts() -> None:
    handler, to = calm(), "unknown@x.example, b@x.example, d@x.example"
    with sending(handler, to="address", address=to, cc="c@x.example", bcc="h@x.example") as run_id:
        perform_due()
        line = line_of(run_id)
        assert (line.state, line.named) == (FAILED, ("unknown@x.example",))
        kept = db.session.scalars(sa.select(Attempt).order_by(Attempt.part)).all()
        assert [sorted(set(one.prepared["extra"]) & {"cc", "bcc"}) for one in kept] == [[], ["bcc", "cc"], []]
        again()
    assert received(handler) == [["b@x.example", "c@x.example", "h@x.example"], ["d@x.example"]]


@pytest.mark.usefixtures("app")
def test_of_an_email_that_nobody_got_no_copy_goes_out() -> None:
    handler = calm()
    with sending(handler, to="address", address="unknown@x.example, unknown2@x.example", cc="c@x.example"):
        perform_due()
    assert (handler.mails, shop.runs()[0].state) == ([], FAILED)


@pytest.mark.usefixtures("app")
def test_a_copy_that_the_server_refused_is_tried_alone_and_named() -> None:
    handler = calm()
    with sending(handler, cc="unknown@x.example, c@x.example") as run_id:
        perform_due()
        assert line_of(run_id).named == ("unknown@x.example",)
        again()
        line = line_of(run_id)
    assert received(handler) == [[ANNA, "c@x.example"]]
    assert (line.state, line.named) == (FAILED, ("unknown@x.example",))
    assert line.reason.startswith("Not everyone got it. The mail server refused unknown@x.example")


class OnceBusy(Handler):
    """A server that takes nothing for one address for a while."""

    is_busy = True

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.is_busy and address.startswith("late"):
            return "450 Busy"
        return await super().handle_RCPT(server, session, envelope, address, options)


@pytest.mark.usefixtures("app")
def test_a_later_try_reaches_those_who_are_left_and_repeats_no_copy() -> None:
    handler = OnceBusy()
    to = {"to": "address", "address": "late@x.example, b@x.example", "cc": "c@x.example"}
    with sending(handler, **to) as run_id:
        perform_due()
        assert shop.runs()[0].state == WAITING
        handler.is_busy = False
        perform_due(NOW + dt.timedelta(hours=1))
    assert received(handler) == [["b@x.example", "c@x.example"], ["late@x.example"]]
    assert line_of(run_id).state == SUCCEEDED
