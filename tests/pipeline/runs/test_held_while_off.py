"""What happens to a thousand waiting runs when their automation is edited, switched off or archived."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from flask import Flask

from automations.features.authoring import archiving
from automations.features.scheduling import manual_run
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.run import CANCELLED, SUCCEEDED, WAITING, Message, Run
from automations.models.tables.store import Store
from automations.pipeline.delivery import ownership
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Change
from automations.pipeline.runs import held_while_off
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.steps import perform_runs, queue, record_outcomes
from tests.world import NOW

COUNT = 1000
ANNA = 1


@pytest.fixture
def automation_id(app: Flask) -> int:
    """An automation with a thousand waiting runs."""
    id = shop.publish_automation("Tell", "created", actions=[shop.email_to(subject="As it was")])
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        changes = [Change(str(number), {"customer_id": ANNA}) for number in range(COUNT)]
        receive(session, store, "order", changes, shop.TILL, NOW)
    return id


def states() -> Counter[tuple[str, str | None]]:
    db.session.rollback()
    return Counter((run.state, run.reason) for run in db.session.query(Run))


def test_runs_of_an_edited_automation_continue_as_published_then(automation_id: int) -> None:
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        automation.draft = automation.draft | {"actions": [shop.email_to(subject="As it is now")]}
    shop.publish_again(automation_id, "status_changed")
    perform_all()
    assert states() == {(SUCCEEDED, None): COUNT}
    assert Counter(message.subject for message in db.session.query(Message)) == {"As it was": COUNT}


def test_a_paused_automation_holds_its_runs_until_switched_on(automation_id: int) -> None:
    shop.switch_off(automation_id)
    perform_all()
    assert states() == {(WAITING, held_while_off.HELD): COUNT}
    perform_all(NOW + held_while_off.LOOK_AGAIN)
    assert states() == {(WAITING, held_while_off.HELD): COUNT}
    shop.switch_on(automation_id)
    perform_all()
    assert states() == {(SUCCEEDED, None): COUNT}
    assert db.session.query(Message).count() == COUNT


def test_an_archived_automation_cancels_its_runs_with_the_reason(automation_id: int, rosa: User) -> None:
    with write() as session:
        automation, user = session.get_one(Automation, automation_id), session.get_one(User, rosa.id)
        assert archiving.archive(session, automation, user, NOW).cancelled == COUNT
    perform_all()
    assert states() == {(CANCELLED, "Cancelled: the automation was archived by Rosa Lind"): COUNT}
    assert db.session.query(Message).count() == 0


@pytest.mark.parametrize("owner_left_at", [None, NOW])
def test_archiving_also_cancels_queued_runs(
    app: Flask, rosa: User, owner_left_at: dt.datetime | None
) -> None:
    automation_id = shop.publish_automation("Tell", "created")
    shop.place_order(customer_id=ANNA)
    ids = queue()
    with write() as session:
        automation, user = session.get_one(Automation, automation_id), session.get_one(User, rosa.id)
        archiving.archive(session, automation, user, NOW)
        user.disabled_at = owner_left_at
    record_outcomes(perform_runs(app, ids))
    assert states() == {(CANCELLED, "Cancelled: the automation was archived by Rosa Lind"): 1}
    assert shop.runs()[0].finished_at == NOW


def test_an_automation_without_its_owner_holds_its_runs_until_taken_over(automation_id: int) -> None:
    with write() as session:
        session.query(User).filter_by(email="rosa@bloom.example").one().disabled_at = NOW
    perform_all()
    ((state, reason),) = states()
    assert state == WAITING and "can take it over" in (reason or "")
    with write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        ownership.take_over(session, session.get_one(Automation, automation_id), ada, NOW)
    perform_all()
    assert states() == {(SUCCEEDED, None): COUNT}


def test_a_manual_run_leaves_although_the_automation_is_off(app: Flask, rosa: User) -> None:
    automation_id = shop.publish_automation("Tell", "status_changed")
    order = shop.place_order(customer_id=ANNA)
    shop.switch_off(automation_id)
    with write() as session:
        version = session.get_one(Automation, automation_id).latest_version
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        assert version
        manual_run.run(session, store, version, [order.id], session.get_one(User, rosa.id), NOW)
    perform_all()
    assert states() == {(SUCCEEDED, None): 1}


def test_a_run_that_had_begun_is_finished_although_the_automation_is_off(app: Flask) -> None:
    automation_id = shop.publish_automation("Tell", "created")
    shop.place_order(customer_id=ANNA)
    shop.set_run(1, tries=1)
    shop.switch_off(automation_id)
    perform_all()
    assert states() == {(SUCCEEDED, None): 1}
