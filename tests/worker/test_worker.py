from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db, write
from automations.models.tables.run import QUEUED, RUNNING, SUCCEEDED, UNKNOWN, WAITING, Attempt, Run
from automations.pipeline.delivery.relay import relay
from automations.worker import recovery
from automations.worker.worker import Worker, WorkerRunning
from tests.kit.fire.programs import ROOT
from tests.kit.live import wait_until, working
from tests.kit.shop import place_order, publish_automation, runs, set_run
from tests.world import NOW

ANNA = 1
#: The worker goes by the real clock: due runs have to lie in its past.
EARLIER = NOW.replace(year=2020)


def place(count: int) -> None:
    publish_automation("Confirm", "created")
    for number in range(count):
        place_order(str(number), customer_id=ANNA, now=EARLIER)


def states() -> set[str]:
    return {run.state for run in runs()}


def test_a_worker_does_due_runs_as_soon_as_they_are_written(app: Flask) -> None:
    with working(app):
        publish_automation("Confirm", "created")
        place_order("1", customer_id=ANNA, now=EARLIER)
        wait_until(lambda: states() == {SUCCEEDED})


def test_runs_written_while_no_worker_ran_are_done_when_one_starts(app: Flask) -> None:
    place(45)
    with working(app):
        wait_until(lambda: states() == {SUCCEEDED})
    assert [run.tries for run in runs()] == [1] * 45


def test_a_run_not_yet_due_is_left_waiting(app: Flask) -> None:
    place(1)
    set_run(1, due_at=NOW.replace(year=2090))
    with working(app) as worker:
        with write() as session:
            assert relay(session, worker.client, NOW) == 0
        assert states() == {WAITING}


def test_runs_share_a_workflow_and_are_queued_once(app: Flask) -> None:
    place(45)
    with working(app):
        wait_until(lambda: states() == {SUCCEEDED})
    assert len({run.workflow_id for run in runs()}) == 3


@pytest.mark.parametrize("state", [QUEUED, RUNNING])
def test_a_run_no_workflow_holds_is_put_back_and_done(
    app: Flask, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.worker.periodic_jobs.SWEEP_EVERY", 0.1)
    place(1)
    set_run(1, state=state, workflow_id="of a process that is gone")
    with working(app):
        wait_until(lambda: states() == {SUCCEEDED})


def test_a_run_put_back_with_an_unanswered_attempt_becomes_unknown(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.worker.periodic_jobs.SWEEP_EVERY", 0.1)
    place(1)
    set_run(1, state=RUNNING, workflow_id="of a process that is gone", tries=1)
    with write() as session:
        session.add(Attempt(run_id=1, part=0, number=1, prepared=_message(), started_at=NOW))
    with working(app):
        wait_until(lambda: states() == {UNKNOWN})


def test_a_run_that_moved_on_is_not_put_back(app: Flask) -> None:
    place(1)
    set_run(1, state=RUNNING, workflow_id="first")
    with write() as session:
        recovery.put_back(session, [(1, "an earlier one")], NOW)
    assert states() == {RUNNING}


def test_only_one_process_works_on_a_sqlite_file(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    with working(app), pytest.raises(WorkerRunning, match="Stop it first"):
        Worker(app).lock()


def test_a_failed_start_leaves_nothing_running_and_nothing_locked(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise OSError("no more threads")

    with monkeypatch.context() as patch:
        patch.setattr("automations.worker.worker.DBOSClient", broken)
        with pytest.raises(OSError, match="no more threads"):
            Worker(app).start()
    place(1)
    with working(app):
        wait_until(lambda: states() == {SUCCEEDED})


def test_a_worker_goes_on_after_a_database_error(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [sa.exc.OperationalError("SELECT", {}, Exception("the database is away"))] * 2

    def fails_at_first(*arguments: Any) -> int:
        if failures:
            raise failures.pop()
        return relay(*arguments)

    monkeypatch.setattr("automations.worker.relaying.relay", fails_at_first)
    place(1)
    with working(app):
        wait_until(lambda: states() == {SUCCEEDED})
    assert failures == []


@pytest.mark.slow
def test_a_stopped_worker_ends_cleanly(app: Flask, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": app.config["DATABASE_URL"],
        "SECRET_KEY": app.config["SECRET_KEY"],
        "DATA_FOLDER": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }
    place(3)
    db.engine.dispose()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "worker"], cwd=ROOT, env=environment
    )
    try:
        wait_until(lambda: states() == {SUCCEEDED}, limit=120)
        process.terminate()
        assert process.wait(timeout=90) == 0
    finally:
        process.kill()
    assert db.session.query(Run).count() == 3


def _message() -> dict[str, str]:
    return {
        "kind": "send_email",
        "to": "anna@grandhotel.example",
        "subject": "Thank you",
        "body": "We have it.",
    }
