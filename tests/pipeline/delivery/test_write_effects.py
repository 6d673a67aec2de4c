"""Effects in our own database: what they write, and that they write it once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.features.authoring import drafts
from automations.models.db.base import db, run_in_write, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.order import Order
from automations.models.tables.people import Membership, User
from automations.models.tables.run import FAILED, QUEUED, SUCCEEDED, Attempt, Run
from automations.models.tables.store import Choice
from automations.models.tables.task import Task
from automations.pipeline import effects
from automations.pipeline.delivery import write_effects
from automations.pipeline.delivery.perform import perform
from automations.pipeline.delivery.settle import settle
from automations.pipeline.effects import EFFECTS
from automations.pipeline.effects.shared.effect_registry import BrokenEffect, discover
from tests.kit import shop
from tests.kit.doing import BOX, perform_all, perform_due
from tests.world import NOW

PACKAGE, FOLDER = effects.__name__, str(Path(effects.__file__).parent)

pytestmark = pytest.mark.usefixtures("app")


def action(kind: str, **settings: str) -> dict[str, Any]:
    return {"kind": kind, "settings": settings}


def change(field: str, value: str) -> dict[str, Any]:
    return action("change_data", field=field, value=value)


def on_created(*actions: dict[str, Any], **order: Any) -> list[Run]:
    """Publish an automation for new orders, place an order, do all runs; return them."""
    shop.publish_automation("Prepare", "created", actions=list(actions))
    shop.place_order(**order)
    perform_all()
    db.session.rollback()
    return shop.runs()


def anna() -> int:
    return db.session.query(Customer).filter_by(number="C-1").one().id


TASK = action(
    "create_task",
    title="Wrap {{ order.number }}",
    description="For {{ customer.first_name }}",
    checklist="Paper\n\nRibbon",
    assignee="manager",
    due_from="delivery_date",
    due_amount="1",
    due_unit="days",
    due_direction="before",
    priority="high",
)


def test_a_task_is_written_with_all_its_values() -> None:
    (run,) = on_created(TASK, customer_id=anna(), delivery_date=dt.date(2026, 11, 24))
    task = db.session.query(Task).one()
    assert (run.state, run.attempts[0].detail) == (SUCCEEDED, "Task “Wrap 10482” is on the list")
    assert (task.title, task.description, task.priority) == ("Wrap 10482", "For Anna", "high")
    assert task.checklist == [{"text": "Paper", "done": False}, {"text": "Ribbon", "done": False}]
    assert (task.assignee_role, task.assignee_id, task.subject) == ("manager", None, "order")
    assert task.due_at == dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def test_a_task_can_be_for_one_person_and_due_some_time_after_its_creation(rosa: User) -> None:
    settings = TASK["settings"] | {"assignee": f"user:{rosa.id}", "due_from": "now", "due_unit": "hours"}
    on_created(action("create_task", **settings))
    task = db.session.query(Task).one()
    assert (task.assignee_id, task.assignee_role, task.due_at) == (rosa.id, None, NOW + dt.timedelta(hours=1))


def test_a_task_whose_date_is_empty_is_skipped_with_the_reason() -> None:
    (run,) = on_created(TASK)
    assert run.reason == "The delivery date is empty for this record, so there is no due date."
    assert db.session.query(Task).count() == 0


def test_a_person_of_another_store_gets_no_task_and_no_notification() -> None:
    mallory = db.session.query(User).filter_by(email="mallory@thorn.example").one()
    settings = TASK["settings"] | {"assignee": f"user:{mallory.id}", "due_from": ""}
    notice = action("notify", to=f"user:{mallory.id}", title="Hello", message="", also="")
    runs = on_created(action("create_task", **settings), notice)
    assert db.session.query(Task).one().assignee_id is None
    assert runs[1].reason == "There is nobody to tell among a team member."


def test_a_notification_goes_to_the_present_members_of_the_role(rosa: User) -> None:
    notice = action(
        "notify", to="manager", title="Big order {{ order.number }}", message="Look", also="email"
    )
    shop.publish_automation("Tell", "created", actions=[notice])
    shop.place_order()
    with write() as session:
        finn = session.query(Membership).join(User).filter(User.email == "finn@bloom.example").one()
        finn.role = "manager"
    perform_all()
    notified = {notification.user_id for notification in db.session.query(Notification)}
    assert notified == {rosa.id, finn.user_id}
    (run,) = shop.runs()
    assert {message.to for message in run.messages} == {"rosa@bloom.example", "finn@bloom.example"}
    assert run.attempts[0].detail == "Told Rosa Lind, Finn Ash"


@pytest.mark.parametrize(
    ("field", "value", "column", "expected"),
    [
        ("status", "Picked", "status", "picked"),
        ("status", "ready_for_fulfilment", "status", "ready_for_fulfilment"),
        ("payment_status", "Paid", "payment_status", "paid"),
        ("delivery_type", "{{ 'Royal Mail' }}", "delivery_type", "royal_mail"),
        ("delivery_date", "2026-12-24", "delivery_date", dt.date(2026, 12, 24)),
        ("delivery_date", "today+3", "delivery_date", dt.date(2026, 11, 25)),
        ("tracking_number", "T-{{ order.number }}", "tracking_number", "T-10482"),
        ("note", "Seen", "note", "Fragile\nSeen"),
        ("tags.add", "late", "tags", ["vip", "late"]),
        ("tags.add", "VIP", "tags", ["vip"]),
        ("tags.remove", "vip", "tags", []),
    ],
)
def test_an_action_changes_a_field_of_the_order(
    field: str, value: str, column: str, expected: object
) -> None:
    (run,) = on_created(change(field, value), note="Fragile", tags=["vip"])
    assert run.state == SUCCEEDED
    assert getattr(db.session.query(Order).one(), column) == expected


def test_an_action_changes_the_customer_and_the_change_names_its_cause() -> None:
    runs = on_created(change("customer.tags.add", "buyer"), customer_id=anna())
    assert db.session.get_one(Customer, anna()).tags == ["buyer"]
    first, second = shop.occurrences()
    assert (second.subject, second.cause_kind, second.cause) == (
        "customer",
        "automation",
        "automation “Prepare”",
    )
    assert (second.cause_run_id, second.root_id, second.depth) == (runs[0].id, first.id, 1)
    assert (first.cause_run_id, first.root_id, first.depth or 0) == (None, None, 0)


def test_changing_data_to_its_present_value_changes_nothing() -> None:
    (run,) = on_created(change("status", "Unconfirmed"))
    assert run.attempts[0].detail == "Status: already so (Unconfirmed)"
    assert len(shop.occurrences()) == 1


@pytest.mark.parametrize(
    ("value", "problem"),
    [("Shipped", "There is no status “Shipped”. Choose one of the list."), ("Picked", "")],
)
def test_an_unknown_status_is_refused_when_the_draft_is_saved(value: str, problem: str, bloom: Any) -> None:
    words = StoreWords(db.session(), bloom)
    data = {
        "subject": "order",
        "trigger": {"key": "created"},
        "conditions": [],
        "actions": [change("status", value)],
    }
    sentences = [problem_found.sentence for problem_found in _action_problems(words, data)]
    assert sentences == ([problem] if problem else [])


def _action_problems(words: Any, data: dict[str, Any]) -> list[Any]:
    return [problem for problem in drafts.problems(words, data) if problem.path.startswith("actions")]


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
    shop.publish_automation("Prepare", "created", actions=[change("note", "Seen"), _plain_task()])
    shop.place_order()
    outcomes = perform(*_claimed(), BOX, lambda: NOW)
    for _ in range(3):
        run_in_write(lambda session: settle(session, outcomes, NOW))
    assert db.session.query(Order).one().note == "Seen"
    assert db.session.query(Task).count() == 1
    assert db.session.query(Attempt).count() == 2


def test_a_worker_that_lost_its_claim_writes_no_effect() -> None:
    shop.publish_automation("Prepare", "created", actions=[_plain_task()])
    shop.place_order()
    ids, workflow = _claimed()
    stale = perform(ids, workflow, BOX, lambda: NOW)
    assert perform(ids, workflow, BOX, lambda: NOW) == []
    fresh = perform(*_claimed(), BOX, lambda: NOW)
    assert run_in_write(lambda session: settle(session, stale, NOW)) == 0
    assert db.session.query(Task).count() == 0
    assert run_in_write(lambda session: settle(session, fresh, NOW)) == 1
    assert db.session.query(Task).count() == 1


def _plain_task() -> dict[str, Any]:
    return action("create_task", **TASK["settings"] | {"due_from": ""})


def test_an_effect_that_raises_writes_nothing_and_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    effect = EFFECTS["change_data"]
    apply: Callable[..., str] = effect.apply

    def broken(*arguments: Any) -> str:
        apply(*arguments)
        raise ZeroDivisionError

    monkeypatch.setattr(effect, "apply", broken)
    bad, good = on_created(change("note", "Seen"), _plain_task())
    assert (bad.state, bad.reason, good.state) == (FAILED, write_effects.BROKEN, SUCCEEDED)
    assert db.session.query(Order).one().note == ""
    assert len(shop.occurrences()) == 1


def test_every_inside_action_has_its_effect() -> None:
    inside = {key for key, kind in ACTIONS.items() if kind.place == "inside"}
    assert inside == set(EFFECTS)


def test_an_inside_action_without_an_effect_stops_the_start() -> None:
    with pytest.raises(BrokenEffect, match="no module has the effect of send_flowers"):
        discover(PACKAGE, [FOLDER], {*EFFECTS, "send_flowers"})


def test_an_effect_without_an_inside_action_stops_the_start() -> None:
    with pytest.raises(BrokenEffect, match="there is no inside action “notify”"):
        discover(PACKAGE, [FOLDER], EFFECTS.keys() - {"notify"})


def test_relaying_with_nothing_due_does_nothing(app: Flask) -> None:
    assert perform_due() == 0
