"""Nothing that a version in shadow mode would do leaves the shop or changes anything in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.actions import ACTIONS
from automations.features.authoring import shadow_mode
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, FINAL, QUEUED, RUNNING, SUCCEEDED, WAITING, Run
from automations.models.tables.shadow import Shadow
from automations.models.tables.store import Store
from automations.pipeline.delivery import relay
from automations.pipeline.runs import run_decisions
from automations.pipeline.runs import shadow_fence as refusing
from tests.kit.fire.fleet import SOON, WORKER, Member
from tests.kit.fire.incubator import incubator
from tests.kit.live import wait_until
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.shadows import (
    NOTHING,
    actions_of_every_kind,
    connect_everything,
    done_rows,
    outcomes,
    start_shadow,
)
from tests.kit.shop import draft_automation, place_order, publish_automation, runs
from tests.kit.steps import WORKFLOW, perform_runs, record_outcomes
from tests.world import NOW

#: Before the clock of the worker, which is the real one.
EARLIER = NOW.replace(year=2020)
ANNA = 1
CONTROL = {"title": "Control", "assignee": "manager", "due_from": "", "priority": "low"}


@pytest.fixture
def outside(app: Flask) -> Iterator[tuple[HttpSink, SmtpSink]]:
    """Every server that the actions call, connected; nothing has arrived there yet."""
    app.config["PUBLIC_URL"] = "https://shop.example"
    with write() as session:
        anna = session.get_one(Customer, ANNA)
        anna.marketing_consent = True
        # The worker's clock is the real one; marketing does not wait for the morning here.
        session.get_one(Store, anna.store_id).quiet_hours = []
    with HttpSink() as web, SmtpSink() as mail, allowing("127.0.0.1"):
        connect_everything(app, mail.port, web.ports[0])
        yield web, mail


def in_shadow(web: HttpSink) -> tuple[int, int]:
    """Put one action of every kind into shadow mode; return the ids of the automation and its shadow mode."""
    id = draft_automation("Everything", "created", actions=actions_of_every_kind(web.url(0, "/api")))
    return id, start_shadow(id, now=dt.datetime.now(dt.UTC))


def test_every_kind_of_action_is_among_those_tried() -> None:
    assert {action["kind"] for action in actions_of_every_kind("https://a.example")} == ACTIONS.keys()


@pytest.mark.slow
def test_nothing_leaves_while_workers_die_and_all_of_it_once_it_is_published(
    app: Flask, tmp_path: Path, outside: tuple[HttpSink, SmtpSink]
) -> None:
    web, mail = outside
    id, shadow_id = in_shadow(web)
    publish_automation("Control", "created", actions=[{"kind": "create_task", "settings": CONTROL}])
    worker = a_worker(app, tmp_path)
    try:
        for number in ("1", "2", "3"):
            place_order(number, customer_id=ANNA, now=EARLIER)
            db.session.rollback()
            worker.start()
            wait_until(lambda: {run.state for run in runs()} == {SUCCEEDED})
            worker.kill()
        assert outcomes(id) == ["shadow"] * 3
        assert done_rows(id) == NOTHING and len(runs()) == 3
        assert (web.seen, mail.emails) == ([], [])
        assert {order.status for order in db.session.query(Order)} == {"unconfirmed"}
        assert {order.revision for order in db.session.query(Order)} == {1}
        publish(shadow_id)
        place_order("4", customer_id=ANNA, now=EARLIER)
        db.session.rollback()
        worker.start()
        wait_until(lambda: len(runs()) == 11 and all(run.state in FINAL for run in runs()))
    finally:
        worker.kill()
    # The text message is unknown: its gateway took it and did not answer in its own words.
    assert {one.path for one in web.seen} == {"/api", "/sms", "/chat"}
    assert {str(one["Subject"]) for one in mail.emails} == {"Email 4", "Peonies", "Look at 4"}
    assert done_rows(id)["task"] == 1
    assert [order.status for order in db.session.query(Order).filter_by(number="4")] == ["picked"]


@pytest.mark.parametrize("outcome", ["shadow", "fired"])
@pytest.mark.parametrize("state", [WAITING, QUEUED, RUNNING])
def test_a_forged_run_of_a_shadow_version_is_refused_in_every_state(
    app: Flask, outside: tuple[HttpSink, SmtpSink], state: str, outcome: str
) -> None:
    web, mail = outside
    id, _ = in_shadow(web)
    place_order("1", customer_id=ANNA, now=EARLIER)
    ids = forge(id, state, outcome)
    record_outcomes(perform_runs(app, ids))
    if state == WAITING:
        # A worker that was handed runs which wait does nothing, and the relay hands them to another.
        queue_all()
        record_outcomes(perform_runs(app, ids))
    assert {(run.state, run.reason) for run in runs()} == {(CANCELLED, refusing.REFUSED)}
    assert (web.seen, mail.emails) == ([], [])
    assert done_rows(id) == NOTHING | {"run": len(ids)}
    assert db.session.query(Order).one().status == "unconfirmed"


def test_a_forged_run_that_a_person_tries_again_is_refused_too(
    app: Flask, outside: tuple[HttpSink, SmtpSink]
) -> None:
    web, mail = outside
    id, _ = in_shadow(web)
    place_order("1", customer_id=ANNA, now=EARLIER)
    ids = forge(id, "failed", "fired")
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        for run in session.query(Run):
            run_decisions.retry(session, run, rosa, NOW)
    assert relay.has_due(db.session(), NOW)
    queue_all()
    record_outcomes(perform_runs(app, ids))
    assert {run.state for run in runs()} == {CANCELLED}
    assert (web.seen, mail.emails) == ([], [])


def forge(automation_id: int, state: str, outcome: str) -> list[int]:
    """Write a run for each action of the only evaluation of a shadow version, as if it had fired."""
    with write() as session:
        evaluation = session.query(Evaluation).filter_by(automation_id=automation_id).one()
        evaluation.outcome = outcome
        actions = evaluation.version.definition["actions"]
        for place, action in enumerate(actions):
            run = Run(store_id=evaluation.store_id, evaluation_id=evaluation.id, position=place)
            run.kind, run.state, run.due_at = action["kind"], state, EARLIER
            run.workflow_id = None if state == WAITING else WORKFLOW
            session.add(run)
        session.flush()
        return list(session.scalars(sa.select(Run.id).order_by(Run.id)))


def queue_all() -> None:
    with write() as session:
        waiting = sa.update(Run).where(Run.state == WAITING)
        session.execute(waiting.values(state=QUEUED, workflow_id=WORKFLOW))


def publish(shadow_id: int) -> None:
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        shadow_mode.go_live(session, session.get_one(Shadow, shadow_id), rosa, EARLIER)


def a_worker(app: Flask, folder: Path) -> Member:
    environment = {
        "DATABASE_URL": app.config["DATABASE_URL"],
        "SECRET_KEY": app.config["SECRET_KEY"],
        "DATA_FOLDER": str(folder),
        "ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
        "PUBLIC_URL": "https://shop.example",
    }
    return Member(incubator(), WORKER, environment, folder / "worker.log", patches=SOON)
