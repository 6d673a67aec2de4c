"""The queue of runs keeps its promises whatever happens, in any order; without its mechanisms it does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import Session

from automations.models.db.base import db, run_in_write
from automations.models.tables.run import RUNNING, Run
from automations.pipeline.delivery import attempts
from automations.pipeline.delivery import settle as record
from automations.pipeline.delivery.attempts import Notes, OpenedRun
from automations.pipeline.evaluation import evaluate
from automations.pipeline.intake import vocabulary_cache
from automations.pipeline.runs import fence, run_ordering
from tests.kit.queue.logical_workers import places_watched
from tests.kit.queue.queue_model import MOST_STOPS, QueueModel, Step

WHOLE = os.environ.get("WHOLE_MODEL") == "1"
#: As many as take a quarter of a minute.
EXAMPLES = {"sqlite": 25, "postgres": 15}
STEPS = 50
#: What the workers do, and what makes them do it: enough to find what a missing mechanism lets happen.
WORK = frozenset({"an_order_changes", "a_worker_goes_on", "a_workflow_is_taken_away"})
#: Too rare to wait for: the answer to an email is lost, and its worker sleeps; another one calls it unknown,
#: a person has it sent again, a third worker begins that, and the first one wakes up.
SLEPT_BEFORE_RECORDING: tuple[Step, ...] = (
    ("a_worker_goes_on", {"which": 0, "stops": 10, "said": ["lost"]}),
    ("a_workflow_is_taken_away", {"which": 0, "fails": True}),
    ("a_worker_goes_on", {"which": 3, "stops": MOST_STOPS, "said": []}),
    ("somebody_decides", {"which": 0, "how": "again"}),
    ("time_passes", {"seconds": 0, "swept": False, "relayed": True}),
    ("a_worker_goes_on", {"which": 3, "stops": 2, "said": []}),
    ("a_worker_goes_on", {"which": 0, "stops": MOST_STOPS, "said": []}),
)
#: The same examples each time, until one fails, and that one as it was found.
SHORT = settings(
    max_examples=300,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.generate],
)


@pytest.fixture
def model(app: Flask, databases: Any) -> Iterator[type[QueueModel]]:
    def fresh() -> None:
        db.session.remove()
        databases.fresh(app)
        evaluate.forget()
        vocabulary_cache.clear()

    class Model(QueueModel):
        pass

    Model.app, Model.fresh = app, staticmethod(fresh)
    with places_watched(), _in_a_hurry(db.engine):
        yield Model


@contextmanager
def _in_a_hurry(engine: sa.Engine) -> Iterator[None]:
    """No power is cut here, and SQLite spends most of its time on being ready for that."""
    if engine.dialect.name != "sqlite":
        yield
        return
    sa.event.listen(engine, "connect", _does_not_sync)
    yield
    sa.event.remove(engine, "connect", _does_not_sync)


def _does_not_sync(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def test_the_queue_loses_nothing_and_does_nothing_twice_whatever_happens(
    model: type[QueueModel], database_kind: str
) -> None:
    count = 300 if WHOLE else EXAMPLES[database_kind]
    # The same stories every day; the whole model draws new ones.
    drawn = settings(max_examples=count, stateful_step_count=STEPS, derandomize=not WHOLE)
    run_state_machine_as_test(model, settings=drawn)


def _everything_is_ours(_session: Session, tries: dict[int, int]) -> set[int]:
    return set(tries)


def _without_the_fence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fence, "still_ours", _everything_is_ours)


def _written_after_sending(patch: pytest.MonkeyPatch) -> None:
    insert, add = attempts._insert, Notes.add

    def add_late(notes: Notes, one: OpenedRun, *rest: Any) -> None:
        run_in_write(lambda session: insert(session, [one], notes._clock()))
        add(notes, one, *rest)

    patch.setattr(attempts, "_insert", lambda *_: None)
    patch.setattr(Notes, "add", add_late)


def _without_turns(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run_ordering, "under_way", lambda _session: set())


def _whatever_try_it_was(patch: pytest.MonkeyPatch) -> None:
    def settle(session: Session, outcome: Any, now: Any) -> bool:
        mine = sa.update(Run).where(Run.id == outcome.run_id, Run.state == RUNNING)
        return bool(session.connection().execute(mine.values(**record._values(outcome, now))).rowcount)

    patch.setattr(record, "_write_state", settle)


@pytest.mark.parametrize("take_out", [_without_the_fence, _written_after_sending, _without_turns])
def test_without_its_mechanisms_the_model_finds_what_breaks(
    model: type[QueueModel], take_out: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    model.may_happen = WORK
    take_out(monkeypatch)
    # Before the model sees a task made twice, its table says no.
    with pytest.raises((AssertionError, sa.exc.IntegrityError)):
        run_state_machine_as_test(model, settings=SHORT)


def test_who_wakes_up_to_record_what_a_person_decided_otherwise_changes_nothing(
    model: type[QueueModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert happened(model, SLEPT_BEFORE_RECORDING) == []
    _whatever_try_it_was(monkeypatch)
    assert happened(model, SLEPT_BEFORE_RECORDING) == ["run 1 is unknown, and its parts are {0: 'try_again'}"]


def happened(model: type[QueueModel], steps: Sequence[Step]) -> list[str]:
    """What is broken once these things happened."""
    machine = model()
    try:
        for step in steps:
            machine.happens(step)
            if found := machine.checks.broken():
                return found
        return []
    finally:
        machine.close()
