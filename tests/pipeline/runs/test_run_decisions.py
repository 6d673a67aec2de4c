"""What a person or a program decides about a run is written down: who, what, before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from automations.models.db.base import db, write
from automations.models.tables.people import Audit, User
from automations.models.tables.run import FAILED, SUCCEEDED, UNKNOWN, WAITING, Attempt, Message, Run
from automations.pipeline.runs import run_decisions
from automations.pipeline.runs.run_decisions import AlreadyDecided
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
LATER = NOW + dt.timedelta(hours=1)
PREPARED = {"kind": "send_email", "to": "a@b.example", "to_name": "A", "subject": "Hi", "body": "Hello"}


def a_run(state: str, *results: str, **values: Any) -> int:
    """Return the id of a run in `state` with one attempt at a part for each of the results."""
    shop.publish_automation("Thank you", "created")
    shop.place_order(customer_id=1)
    run_id = shop.runs()[0].id
    shop.set_run(run_id, state=state, **({"reason": "550", "tries": 1, "finished_at": NOW} | values))
    with write() as session:
        for part, result in enumerate(results):
            attempt = Attempt(run_id=run_id, number=1, result=result, prepared=PREPARED, started_at=NOW)
            attempt.part = part
            session.add(attempt)
    return run_id


def decide(decision: Callable[..., None], run_id: int, by: Any = None) -> None:
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        decision(session, session.get_one(Run, run_id), by or rosa, NOW)
    db.session.expire_all()


def audited() -> list[tuple[str, Any, Any]]:
    rows = db.session.query(Audit).filter(Audit.about.like("run %")).order_by(Audit.id)
    return [(row.action, row.before, row.after) for row in rows]


@pytest.mark.parametrize(
    ("decision", "before", "action", "after"),
    [
        (run_decisions.retry, FAILED, "tried again", WAITING),
        (run_decisions.arrived, UNKNOWN, "said it arrived", SUCCEEDED),
        (run_decisions.send_again, UNKNOWN, "sent again", WAITING),
    ],
)
def test_a_decision_moves_the_run_once_and_is_audited(
    decision: Callable[..., None], before: str, action: str, after: str
) -> None:
    run_id = a_run(before, "uncertain")
    decide(decision, run_id)
    run = db.session.get_one(Run, run_id)
    assert (run.state, run.reason, run.workflow_id, run.deaths) == (after, None, None, None)
    assert audited() == [(action, {"state": before}, {"state": after})]
    with pytest.raises(AlreadyDecided):
        decide(decision, run_id)
    assert len(audited()) == 1


def test_a_decision_of_a_program_names_its_key() -> None:
    run_id = a_run(FAILED)
    decide(run_decisions.retry, run_id, run_decisions.ByKey("Key “Courier”"))
    assert audited() == [("tried again", {"state": FAILED}, {"state": WAITING, "by": "Key “Courier”"})]


def test_what_arrived_is_in_the_log_once_for_each_recipient() -> None:
    run_id = a_run(UNKNOWN, "sent", "uncertain")
    with write() as session:
        kept = Message(store_id=1, run_id=run_id, part=0, channel="email", connector="smtp", at=NOW)
        kept.to, kept.to_name, kept.sender, kept.subject, kept.body = "a@b.example", "A", "", "Hi", "Hello"
        session.add(kept)
    decide(run_decisions.arrived, run_id)
    messages = db.session.query(Message).order_by(Message.part).all()
    assert [(message.part, message.to, message.body) for message in messages] == [
        (0, "a@b.example", "Hello"),
        (1, "a@b.example", "Hello"),
    ]
    attempts = db.session.query(Attempt).order_by(Attempt.part).all()
    assert [(attempt.result, attempt.detail) for attempt in attempts] == [
        ("sent", None),
        ("sent", "Rosa Lind says it arrived."),
    ]


def test_recipients_whose_try_failed_are_tried_again_after_the_others_arrived() -> None:
    run_id = a_run(UNKNOWN, "uncertain", "try_again")
    decide(run_decisions.arrived, run_id)
    run = db.session.get_one(Run, run_id)
    assert (run.state, run.due_at) == (WAITING, NOW)
    attempts = db.session.query(Attempt).order_by(Attempt.part).all()
    assert [attempt.result for attempt in attempts] == ["sent", "try_again"]


def test_what_is_sent_again_says_who_asked_for_it() -> None:
    run_id = a_run(UNKNOWN, "uncertain")
    decide(run_decisions.send_again, run_id)
    (attempt,) = db.session.query(Attempt).all()
    assert (attempt.result, attempt.detail) == ("try_again", "Rosa Lind asked to send it again.")


@pytest.mark.parametrize(
    ("values", "moves"),
    [
        ({"reason": "550", "due_at": LATER}, True),
        ({"reason": "550", "due_at": NOW}, False),
        ({"reason": None, "due_at": LATER}, False),
    ],
)
def test_only_a_run_that_failed_and_waits_for_its_next_try_is_tried_now(
    values: dict[str, Any], moves: bool
) -> None:
    run_id = a_run(WAITING, **values)
    if moves:
        decide(run_decisions.try_now, run_id)
    else:
        with pytest.raises(AlreadyDecided):
            decide(run_decisions.try_now, run_id)
    assert db.session.get_one(Run, run_id).due_at == (NOW if moves else values["due_at"])
