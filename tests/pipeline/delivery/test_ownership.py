"""Automations act with the present rights of their owner."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit, Membership, User
from automations.models.tables.run import RUNNING, SUCCEEDED, WAITING, Run
from automations.pipeline.delivery import ownership
from tests.kit.doing import perform_all
from tests.kit.shop import place_order, publish_automation, runs, set_run
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
ANNA = 1
LATER = NOW + ownership.LOOK_AGAIN


def disable(user: User) -> None:
    user.disabled_at = NOW


def make_viewer(user: User) -> None:
    db.session.query(Membership).filter_by(user_id=user.id).update({"role": "viewer"})


def leave(user: User) -> None:
    db.session.query(Membership).filter_by(user_id=user.id).delete()


@pytest.fixture
def automation_id(app: Flask) -> int:
    """Rosa's automation, fired by one order."""
    id = publish_automation("Thank you", "created")
    place_order(customer_id=ANNA)
    return id


def on_rosa(change: object) -> None:
    assert callable(change)
    with write() as session:
        change(session.query(User).filter_by(email="rosa@bloom.example").one())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (disable, "cannot sign in any more"),
        (make_viewer, "may only look now"),
        (leave, "does not work in this store any more"),
    ],
)
def test_runs_of_an_owner_without_the_right_are_held_with_a_sentence(
    automation_id: int, change: object, problem: str
) -> None:
    on_rosa(change)
    perform_all()
    (run,) = runs()
    assert (run.state, run.tries, run.messages) == (WAITING, 0, [])
    assert run.reason == f"Held: Rosa Lind owns this automation and {problem}. " + (
        "A manager or an admin can take it over."
    )


def test_held_runs_go_on_when_the_owner_regains_access(automation_id: int) -> None:
    on_rosa(disable)
    perform_all()
    with write() as session:
        session.query(User).filter_by(email="rosa@bloom.example").update({"disabled_at": None})
    assert perform_all(LATER - dt.timedelta(seconds=1)) == 0
    perform_all(LATER)
    assert [run.state for run in runs()] == [SUCCEEDED]


def test_held_runs_go_on_at_once_when_the_automation_is_taken_over(automation_id: int) -> None:
    on_rosa(leave)
    perform_all()
    with write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        ownership.take_over(session, session.get_one(Automation, automation_id), ada, NOW)
    perform_all()
    assert [(run.state, run.reason) for run in runs()] == [(SUCCEEDED, None)]
    noted = db.session.query(Audit).filter_by(action="took over").one()
    assert (noted.before, noted.after) == ("Rosa Lind", "Ada Quill")


def test_an_owners_rights_in_another_store_do_not_count(automation_id: int) -> None:
    on_rosa(leave)
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        thorn = session.query(Membership.store_id).join(User).filter(User.name == "Mallory Vex").scalar()
        session.add(Membership(user_id=rosa.id, store_id=thorn, role="admin"))
    perform_all()
    assert [run.state for run in runs()] == [WAITING]


@pytest.mark.usefixtures("automation_id")
def test_a_run_already_begun_is_finished_although_its_owner_lost_the_right() -> None:
    on_rosa(disable)
    (run,) = runs()
    set_run(run.id, state=RUNNING, tries=1, workflow_id="w")
    with write() as session:
        ownership.hold(session, Run.id == run.id, NOW)
    assert [run.state for run in runs()] == [RUNNING]
