"""Another worker takes over the runs of a dead or stalled worker, once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.run import SUCCEEDED, UNKNOWN, Attempt
from automations.worker import periodic_jobs, recovery
from tests.kit import shop
from tests.kit.fire.fleet import fleet, living_workers
from tests.kit.live import wait_until
from tests.kit.outside.smtp_sink import SlowSink
from tests.kit.set_up import use_smtp_server
from tests.world import NOW

#: One fleet at a time: two of them may need more connections than a Postgres has.
pytestmark = [pytest.mark.xdist_group("fleet"), pytest.mark.slow]

ANNA = 1
LIMIT = 120.0
#: A worker counts as dead after a moment, and is looked for all the time.
AT_ONCE = {"automations.worker.periodic_jobs:SWEEP_EVERY": 0.3, "automations.worker.recovery:SILENT": 3.0}


def test_a_dead_worker_is_noticed_within_thirty_five_seconds() -> None:
    # Silent for so long, then looked for and ended; its runs are begun at the look after that.
    assert recovery.SILENT + 3 * periodic_jobs.SWEEP_EVERY <= 35


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_stalled_workers_runs_are_taken_over_and_it_changes_nothing_on_waking(
    app: Flask, tmp_path: Path, how: signal.Signals
) -> None:
    if db.engine.dialect.name == "sqlite":
        # One worker owns the file; what it left is taken up at the next start, as in test_kill.
        return
    shop.publish_automation("Tell", "created")
    with SlowSink() as smtp:
        use_smtp_server(app, smtp.port)
        shop.place_order("1", customer_id=ANNA, now=NOW.replace(year=2020))
        db.session.rollback()
        with fleet(app, tmp_path, patches=AT_ONCE) as programs:
            first, second = programs.workers
            second.kill()
            wait_until(lambda: len(smtp.emails) == 1, limit=LIMIT)
            first.signal(how)
            second.start()
            wait_until(lambda: shop.runs()[0].state == UNKNOWN, limit=LIMIT)
            smtp.answers = True
            if how == signal.SIGSTOP:
                first.signal(signal.SIGCONT)
                wait_until(lambda: living_workers() == 2, limit=LIMIT)
            shop.place_order("2", customer_id=ANNA, now=NOW.replace(year=2020))
            wait_until(lambda: shop.runs()[1].state == SUCCEEDED, limit=LIMIT)
        db.session.rollback()
        assert [run.state for run in shop.runs()] == [UNKNOWN, SUCCEEDED]
        assert [one.result for one in db.session.query(Attempt).order_by(Attempt.id)] == ["started", "sent"]
        assert sorted(smtp.per_message_id().values()) == [1, 1]
