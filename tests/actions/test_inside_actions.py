from __future__ import annotations

import datetime as dt

import pytest

from automations.actions.change_data import ChangeData
from automations.actions.create_task import CreateTask
from automations.actions.notify import Notify
from automations.actions.shared import due_date
from automations.actions.shared.action_kind import INSIDE, Situation, Skipped
from automations.engine.fields.subjects import SUBJECTS
from tests.actions.situations import SENDER, TEAM, situation

CHANGE, TASK, NOTIFY = ChangeData(), CreateTask(), Notify()
NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
DUE = {"due_from": "delivery_date", "due_amount": "2", "due_unit": "days", "due_direction": "before"}


def _situation(zone: str = "Europe/London", **order: object) -> Situation:
    return Situation("order", situation(**order).context, TEAM, SENDER, zone=zone)


@pytest.mark.parametrize(
    ("settings", "order", "expected"),
    [
        ({}, {"delivery_date": "2026-11-04"}, "2026-11-02T09:00+00:00"),
        # The clocks go back on 25 October: two days before, still at nine.
        ({}, {"delivery_date": "2026-10-26"}, "2026-10-24T08:00+00:00"),
        ({"due_unit": "hours"}, {"delivery_date": "2026-11-04"}, "2026-11-04T07:00+00:00"),
        ({"due_direction": "after"}, {"delivery_date": "2026-11-04"}, "2026-11-06T09:00+00:00"),
        ({"due_from": "placed_at", "due_direction": "after"}, {}, "2026-06-24T10:00+00:00"),
        ({"due_from": "now", "due_direction": "after"}, {}, "2026-11-24T10:00+00:00"),
    ],
)
def test_a_due_date_is_counted_from_its_date(
    settings: dict[str, str], order: dict[str, object], expected: str
) -> None:
    due_at = due_date.instant(due_date.intent(DUE | settings, _situation(**order)), NOW)
    assert due_at == dt.datetime.fromisoformat(expected)


def test_no_due_date_is_none() -> None:
    assert due_date.instant(due_date.intent({"due_from": ""}, _situation()), NOW) is None


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"due_from": "event_date"}, "due_from"),
        ({"due_amount": "-1"}, "due_amount"),
        ({"due_amount": "soon"}, "due_amount"),
        ({"due_unit": "weeks"}, "due_unit"),
        ({"due_direction": "during"}, "due_direction"),
        ({"title": ""}, "title"),
        ({"assignee": "everyone"}, "assignee"),
        ({"priority": "urgent"}, "priority"),
    ],
)
def test_a_problem_of_a_task_names_its_field(settings: dict[str, str], path: str) -> None:
    good = {"title": "Wrap", "assignee": "manager", "priority": "low", **DUE}
    assert TASK.check(good, SUBJECTS["order"]) == []
    assert [one.path for one in TASK.check(good | settings, SUBJECTS["order"])] == [f"settings.{path}"]


def test_a_task_shows_who_it_is_for() -> None:
    (prepared,) = TASK.prepare({"title": "Wrap", "assignee": "manager"}, situation())
    assert (prepared.to, prepared.to_name, prepared.channel) == ("the managers", "Rosa, Ada", INSIDE)
    assert TASK.summary({"assignee": "manager"}) == "create a task for the managers"


def test_a_notice_has_one_message_for_each_way() -> None:
    settings = {"to": "manager", "title": "Late", "message": "", "also": "both"}
    messages = NOTIFY.prepare(settings, situation())
    assert [message.channel for message in messages] == ["inside", "email", "email", "chat"]
    assert [message.to for message in messages] == [
        "the managers",
        "rosa@bloom.example",
        "ada@bloom.example",
        "the chat",
    ]


def test_a_notification_without_recipients_is_skipped_with_its_reason() -> None:
    nobody = Situation("order", situation().context, {}, SENDER)
    with pytest.raises(Skipped, match="There is nobody to tell among the managers"):
        NOTIFY.prepare({"to": "manager", "title": "Late"}, nobody)


@pytest.mark.parametrize(
    ("field", "value", "subject", "phrase"),
    [
        ("status", "Picked", "order", "set the status to “Picked”"),
        ("note", "Seen", "event", "add “Seen” to the note"),
        ("tags.add", "late", "order", "add the tag “late”"),
        ("customer.tags.remove", "late", "order", "remove the tag “late” from the customer"),
        ("customer.phone", "1", "customer", "set the customer’s phone to “1”"),
    ],
)
def test_the_summary_of_a_change_says_what_becomes_what(
    field: str, value: str, subject: str, phrase: str
) -> None:
    settings = {"field": field, "value": value}
    assert CHANGE.check(settings, SUBJECTS[subject]) == []
    assert CHANGE.summary(settings) == phrase


@pytest.mark.parametrize(
    ("field", "value", "subject", "path"),
    [
        ("event_date", "2026-11-24", "order", "field"),
        ("status", "Picked", "customer", "field"),
        ("id", "7", "order", "field"),
        ("status", "", "order", "value"),
        ("delivery_date", "tomorrow", "order", "value"),
        ("delivery_date", "2026-02-30", "order", "value"),
        ("status", "{{ order.numbr }}", "order", "value"),
    ],
)
def test_a_problem_of_a_change_names_its_field(field: str, value: str, subject: str, path: str) -> None:
    assert [one.path for one in CHANGE.check({"field": field, "value": value}, SUBJECTS[subject])] == [
        f"settings.{path}"
    ]


def test_a_change_of_a_missing_customer_is_skipped_with_its_reason() -> None:
    with pytest.raises(Skipped, match="The order has no customer"):
        CHANGE.prepare({"field": "customer.phone", "value": "1"}, situation(customer=None))
    with pytest.raises(Skipped, match="is empty for this record"):
        CHANGE.prepare({"field": "note", "value": "{{ order.note }}"}, situation())
