"""A run that kills its worker three times is parked; runs that were merely claimed with it are performed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.run import FAILED, SUCCEEDED, WAITING, Run
from tests.kit.fire.fleet import SOON, WORKER, Member
from tests.kit.fire.incubator import incubator
from tests.kit.live import wait_until
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink, Seen
from tests.kit.set_up import sign_in
from tests.kit.shop import place_order, publish_automation, request_to, runs
from tests.world import NOW

pytestmark = pytest.mark.slow

EARLIER = NOW.replace(year=2020)
DEADLY = "/deadly"


class Killer:
    """Answers everybody but those who ask for the deadly path: their process is killed."""

    def __init__(self, worker: Member) -> None:
        self.worker = worker

    def __call__(self, seen: Seen) -> int:
        if seen.path == DEADLY:
            self.worker.kill()
        return 200


def test_a_run_that_killed_its_worker_three_times_is_parked(app: Flask, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": app.config["DATABASE_URL"],
        "SECRET_KEY": app.config["SECRET_KEY"],
        "DATA_FOLDER": str(tmp_path),
        "ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
    }
    worker = Member(incubator(), WORKER, environment, tmp_path / "worker.log", patches=SOON)
    with HttpSink(answer=Killer(worker)) as sink:
        with allowing("127.0.0.1"):
            action = request_to(sink.url(0, "/{{ order.number }}"))
            publish_automation("Call", "created", actions=[action])
        for number in ("before", DEADLY[1:], "after"):
            place_order(number, now=EARLIER)
        db.session.rollback()
        try:
            for _ in range(3):
                worker.start()
                wait_until(lambda: not worker.pid)
            worker.start()
            wait_until(lambda: {run.state for run in runs()} == {SUCCEEDED, FAILED})
        finally:
            worker.kill()
        deadly = [one for one in sink.seen if one.path == DEADLY]
    assert len(deadly) == 3
    assert len({one.headers["idempotency-key"] for one in deadly}) == 1
    (parked,) = [run for run in runs() if run.state == FAILED]
    assert len(parked.deaths) == 3
    assert (parked.reason or "").startswith("Parked: the program stopped 3 times while doing this, at ")
    _check_page(app, parked.id)


def _check_page(app: Flask, run_id: int) -> None:
    """It waits for a person, with what is known about it, and starts again when they say so."""
    rosa = app.test_client()
    sign_in(rosa, "rosa@bloom.example")
    page = rosa.get("/needs-you").text
    assert "Parked: the program stopped 3 times" in page and "What was tried" in page
    assert rosa.post(f"/runs/{run_id}/retries").status_code == 303
    db.session.expire_all()
    again = db.session.get_one(Run, run_id)
    assert (again.state, again.deaths, again.reason) == (WAITING, None, None)
