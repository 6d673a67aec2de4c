"""Effects inside our own database: they are written once, with the outcome of their run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared.inside_action import InsideAction
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.order import Order
from automations.models.tables.run import FAILED, QUEUED, SUCCEEDED, Attempt, Run
from automations.models.tables.store import Choice
from automations.models.tables.task import Task
from automations.pipeline.delivery import write_effects
from automations.pipeline.delivery.perform import perform
from automations.pipeline.delivery.settle import settle
from tests.actions.inside_runs import change, on_created, plain_task
from tests.kit import shop
from tests.kit.doing import BOX, perform_all, perform_due
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


def test_a_status_removed_since_publishing_fails_the_run_with_a_sentence() -> None:
    shop.publish_automation(
        "Prepare", "created", actions=[change("status", "Picked"), change("note", "Seen")]
    )
    shop.place_order()
    with write() as session:
        session.execute(sa.delete(Choice).where(Choice.key == "picked"))
    perform_all()
    bad, good = shop.runs()
    assert (bad.state, good.state) == (FAILED, SUCCEEDED)
    assert bad.reason == "There is no status “Picked” any more. Choose another one in the automation."


def _claimed() -> tuple[list[int], str]:
    ids = [run.id for run in shop.runs()]

    def queue(session: Session) -> None:
        session.execute(sa.update(Run).values(state=QUEUED, workflow_id="w"))

    run_in_write(queue)
    return ids, "w"


def test_effects_settled_twice_are_written_once() -> None:
    shop.publish_automation("Prepare", "created", actions=[change("note", "Seen"), plain_task()])
    shop.place_order()
    outcomes = perform(*_claimed(), BOX, lambda: NOW).outcomes
    for _ in range(3):
        run_in_write(lambda session: settle(session, outcomes, NOW))
    assert db.session.query(Order).one().note == "Seen"
    assert db.session.query(Task).count() == 1
    assert db.session.query(Attempt).count() == 2


def test_a_worker_that_lost_its_claim_writes_no_effect() -> None:
    shop.publish_automation("Prepare", "created", actions=[plain_task()])
    shop.place_order()
    ids, workflow = _claimed()
    stale = perform(ids, workflow, BOX, lambda: NOW).outcomes
    assert perform(ids, workflow, BOX, lambda: NOW).outcomes == []
    fresh = perform(*_claimed(), BOX, lambda: NOW).outcomes
    assert run_in_write(lambda session: settle(session, stale, NOW)) == 0
    assert db.session.query(Task).count() == 0
    assert run_in_write(lambda session: settle(session, fresh, NOW)) == 1
    assert db.session.query(Task).count() == 1


def test_an_effect_that_raises_writes_nothing_and_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change_data = ACTIONS["change_data"]
    assert isinstance(change_data, InsideAction)
    apply: Callable[..., str] = change_data.apply

    def broken(*arguments: Any) -> str:
        apply(*arguments)
        raise ZeroDivisionError

    monkeypatch.setattr(change_data, "apply", broken)
    bad, good = on_created(change("note", "Seen"), plain_task())
    assert (bad.state, bad.reason, good.state) == (FAILED, write_effects.BROKEN, SUCCEEDED)
    assert db.session.query(Order).one().note == ""
    assert len(shop.occurrences()) == 1


def test_relaying_with_nothing_due_does_nothing(app: Flask) -> None:
    assert perform_due() == 0
