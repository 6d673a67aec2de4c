"""What each inside action writes in our own database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from automations.features.authoring import drafts
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.order import Order
from automations.models.tables.people import Membership, User
from automations.models.tables.run import SUCCEEDED
from automations.models.tables.task import Task
from tests.actions.inside_runs import TASK, action, anna, change, on_created
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


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
    told = {one.user_id for one in db.session.query(Notification)}
    assert told == {rosa.id, finn.user_id}
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
    assert run.attempts[0].detail == "Status: already Unconfirmed"
    assert len(shop.occurrences()) == 1


@pytest.mark.parametrize(
    ("value", "problem"),
    [("Shipped", "There is no status “Shipped”. Choose one from the list."), ("Picked", "")],
)
def test_an_unknown_status_is_refused_when_the_draft_is_saved(value: str, problem: str, bloom: Any) -> None:
    words = StoreWords(db.session(), bloom)
    data = {
        "subject": "order",
        "trigger": {"key": "created"},
        "conditions": [],
        "actions": [change("status", value)],
    }
    found = [one.sentence for one in _action_problems(words, data)]
    assert found == ([problem] if problem else [])


def _action_problems(words: Any, data: dict[str, Any]) -> list[Any]:
    return [one for one in drafts.problems(words, data) if one.path.startswith("actions")]


def test_a_moment_of_the_record_becomes_a_date_on_the_clock_of_the_store() -> None:
    """At half past eleven in the evening in UTC it is the next day in London in summer."""
    placed = dt.datetime(2026, 6, 21, 23, 30, tzinfo=dt.UTC)
    on_created(change("delivery_date", "{{ order.placed_at }}"), placed_at=placed)
    assert db.session.query(Order).one().delivery_date == dt.date(2026, 6, 22)
