"""Requests that are received together: the same answers and rows as one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy.orm import Session

from automations.models.db.base import write
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import NotTogether
from automations.pipeline.intake import joint_intake
from automations.pipeline.intake.idempotency import RequestKey, StoredAnswer
from automations.pipeline.intake.intake_task import MOST_TOGETHER, Company, IntakeTask
from automations.pipeline.intake.reading import Item
from tests.kit import drawn_tasks
from tests.world import NOW


class _Undone(Exception):
    pass


@contextmanager
def undone() -> Iterator[Session]:
    """A transaction that is rolled back."""
    try:
        with write() as session:
            yield session
            raise _Undone
    except _Undone:
        pass


def outcome(work: Callable[[], StoredAnswer]) -> Any:
    try:
        answer = work()
    except ValueError as error:
        return type(error).__name__, str(error)
    except Exception as error:
        return type(error).__name__
    return answer


def one_after_the_other(session: Session, store: Store, tasks: list[IntakeTask]) -> dict[IntakeTask, Any]:
    def alone(task: IntakeTask) -> StoredAnswer:
        with session.connection().begin_nested():
            return joint_intake._alone(session, task, store)

    ordered = sorted(tasks, key=joint_intake._customers_first)
    return {task: outcome(lambda task=task: alone(task)) for task in ordered}


def differences(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> list[str]:
    return [
        f"{name}: {row}"
        for name in one
        for row in one[name] + other[name]
        if row not in one[name] or row not in other[name]
    ]


@pytest.mark.parametrize("segments", [False, True])
def test_together_is_as_one_after_the_other(app: Flask, bloom: Store, segments: bool) -> None:
    drawn_tasks.furnish(segments)
    store_id, sizes = bloom.id, []
    with write() as session:
        earlier = IntakeTask(
            store_id, "order", [], drawn_tasks.say, drawn_tasks.CAUSES[0], RequestKey("old", "a")
        )
        joint_intake._alone(session, earlier)

    # A failing example is as good as its shrunken form, which would cost minutes.
    @settings(max_examples=100, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(drawn_tasks.tasks(store_id))
    def compare(drawn: list[IntakeTask]) -> None:
        company = Company(drawn[0].subject, segments)
        tasks = [task for task in drawn if company.admit(task)]
        if len(tasks) < 2:
            return
        with time_machine.travel(NOW, tick=False):
            with undone() as session:
                store = session.get_one(Store, store_id)
                try:
                    found = joint_intake.take_together(session, store, tasks)
                except NotTogether:
                    return
                together = [outcome(each) for each in found], drawn_tasks.rows(session)
            with undone() as session:
                store = session.get_one(Store, store_id)
                answers = one_after_the_other(session, store, tasks)
                apart = [answers[task] for task in tasks], drawn_tasks.rows(session)
        assert together[0] == apart[0], tasks
        assert differences(together[1], apart[1]) == [], tasks
        sizes.append(len(tasks))

    compare()
    assert len(sizes) > 5
    assert max(sizes) >= 3


def order(number: str | None, *, key: str = "", customer: Any = None, count: int = 1) -> IntakeTask:
    items = [Item(number if place == 0 else f"{number}-{place}", {}, customer) for place in range(count)]
    used = RequestKey(key, "a") if key else None
    return IntakeTask(1, "order", items, drawn_tasks.say, drawn_tasks.CAUSES[0], used)


MIA, ANNA = {"email": "Mia@shop.example"}, {"number": "C-1", "first_name": "Anna"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (order("1"), order("1")),
        (order("1", key="k"), order("2", key="k")),
        (order("1", customer=MIA), order("2", customer={"email": "mia@shop.example "})),
        (order("1", customer=ANNA), order("2", customer=ANNA)),
        (order("1", customer=ANNA), order("2", customer=MIA)),
        (order(None), order("O-7")),
        (order("1"), order("2", customer={"first_name": "Anna"})),
        (order("1"), order("2", customer={"email": "zoë@shop.example"})),
        (order("1"), order("2", count=MOST_TOGETHER)),
    ],
)
def test_requests_that_touch_the_same_or_are_too_many_are_no_company(
    first: IntakeTask, second: IntakeTask
) -> None:
    company = Company("order", segments=False)
    assert [company.admit(first), company.admit(second)] == [True, False]


def test_where_there_are_segments_an_order_touches_its_customer() -> None:
    named = [order(number, customer={"number": "C-1"}) for number in "12"]
    assert [Company("order", segments=False).admit(task) for task in named] == [True, True]
    company = Company("order", segments=True)
    assert [company.admit(task) for task in named] == [True, False]


def test_nobody_overtakes_one_who_waits_for_the_same_record() -> None:
    company = Company("order", segments=False)
    queue = [order("1"), order("1", key="k"), order("2", key="k"), order("2"), order("3")]
    assert [company.admit(task) for task in queue] == [True, False, False, False, True]


def test_a_request_that_continues_a_chain_goes_alone() -> None:
    chained = replace(order("2"), chain=lambda _session, cause: cause)
    company = Company("order", segments=False)
    assert [company.admit(order("1")), company.admit(chained)] == [True, False]


def test_one_large_request_is_company_for_itself() -> None:
    company = Company("order", segments=False)
    assert [company.admit(order("1", count=MOST_TOGETHER + 1)), company.admit(order("2"))] == [True, False]
