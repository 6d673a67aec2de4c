"""The queue of runs keeps its promises under any sequence of events, and not without its mechanisms."""

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
from automations.pipeline.delivery import attempts, settle, surge_gate
from automations.pipeline.delivery.attempts import Notes, OpenedRun
from automations.pipeline.evaluation import evaluate
from automations.pipeline.intake import vocabulary_cache
from automations.pipeline.runs import fence, run_ordering
from tests.kit.queue.logical_workers import places_watched
from tests.kit.queue.queue_model import MOST_STOPS, QueueModel, Step

pytestmark = pytest.mark.slow

WHOLE = os.environ.get("WHOLE_MODEL") == "1"
#: Takes a quarter of a minute.
EXAMPLES = {"sqlite": 25, "postgres": 15}
STEPS = 50
#: The steps of the workers and those that give them work: enough to show that a mechanism is missing.
WORK = frozenset({"an_order_changes", "a_worker_goes_on", "a_workflow_is_taken_away"})
#: Too rare to be drawn: the answer to an email is lost and its worker sleeps; another one marks it unknown,
#: a person has it sent again, a third worker begins that, and the first one wakes up.
SLEPT_BEFORE_RECORDING: tuple[Step, ...] = (
    ("a_worker_goes_on", {"which": 0, "stops": 8, "said": ["lost"]}),
    ("a_workflow_is_taken_away", {"which": 0, "fails": True}),
    ("a_worker_goes_on", {"which": 3, "stops": MOST_STOPS, "said": []}),
    ("somebody_decides", {"which": 0, "how": "again"}),
    ("time_passes", {"seconds": 0, "swept": False, "relayed": True}),
    ("a_worker_goes_on", {"which": 3, "stops": 2, "said": []}),
    ("a_worker_goes_on", {"which": 0, "stops": MOST_STOPS, "said": []}),
)
#: The same examples each time; the first that fails is reported without shrinking it.
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
        evaluate.clear_cache()
        vocabulary_cache.clear()
        surge_gate.forget_counts()

    class Model(QueueModel):
        pass

    Model.app, Model.fresh = app, staticmethod(fresh)
    with places_watched(), _in_a_hurry(db.engine):
        yield Model


@contextmanager
def _in_a_hurry(engine: sa.Engine) -> Iterator[None]:
    """Switch off SQLite's syncing, which takes most of its time and only matters when the power fails."""
    if engine.dialect.name != "sqlite":
        yield
        return
    sa.event.listen(engine, "connect", _does_not_sync)
    yield
    sa.event.remove(engine, "connect", _does_not_sync)


def _does_not_sync(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def test_the_queue_loses_and_repeats_nothing_under_any_sequence_of_events(
    model: type[QueueModel], database_kind: str
) -> None:
    count = 300 if WHOLE else EXAMPLES[database_kind]
    # The same examples every day; only the whole model draws new ones.
    drawn = settings(max_examples=count, stateful_step_count=STEPS, derandomize=not WHOLE)
    run_state_machine_as_test(model, settings=drawn)


def _everything_is_ours(_session: Session, tries: dict[int, int], *_: object) -> set[int]:
    return set(tries)


def _without_the_fence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fence, "still_ours", _everything_is_ours)


def _written_after_sending(patch: pytest.MonkeyPatch) -> None:
    insert, add = attempts._insert, Notes.add

    def add_late(notes: Notes, opened: OpenedRun, *arguments: Any, **named: Any) -> None:
        run_in_write(lambda session: insert(session, [opened], notes._clock()))
        add(notes, opened, *arguments, **named)

    patch.setattr(attempts, "_insert", lambda *_: None)
    patch.setattr(Notes, "add", add_late)


def _without_turns(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run_ordering, "under_way", lambda _session: set())


def _whatever_try_it_was(patch: pytest.MonkeyPatch) -> None:
    def write_state(session: Session, outcome: Any, now: Any) -> bool:
        running = sa.update(Run).where(Run.id == outcome.run_id, Run.state == RUNNING)
        return bool(session.connection().execute(running.values(**settle._values(outcome, now))).rowcount)

    patch.setattr(settle, "_write_state", write_state)


@pytest.mark.parametrize("take_out", [_without_the_fence, _written_after_sending, _without_turns])
def test_the_model_detects_each_missing_mechanism(
    model: type[QueueModel], take_out: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    model.may_happen = WORK
    take_out(monkeypatch)
    # The unique index of tasks may raise before the model sees a second task.
    with pytest.raises((AssertionError, sa.exc.IntegrityError)):
        run_state_machine_as_test(model, settings=SHORT)


def test_a_stale_worker_that_settles_a_run_a_person_decided_changes_nothing(
    model: type[QueueModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert happened(model, SLEPT_BEFORE_RECORDING) == []
    _whatever_try_it_was(monkeypatch)
    assert happened(model, SLEPT_BEFORE_RECORDING) == ["run 1 is unknown, and its parts are {0: 'try_again'}"]


def happened(model: type[QueueModel], steps: Sequence[Step]) -> list[str]:
    """Do these steps; return the promises that are broken."""
    machine = model()
    try:
        for step in steps:
            machine.happens(step)
            if broken := machine.checks.broken():
                return broken
        return []
    finally:
        machine.close()
