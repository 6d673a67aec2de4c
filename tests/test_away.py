"""A lost database or a full disk is reported clearly, loses nothing, and is recovered from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from flask import Flask

from automations.models.db import postgres
from automations.models.db.base import db
from automations.models.tables.run import SUCCEEDED
from tests.kit.faults.faulty_connection import Mode, faulty_line
from tests.kit.faults.full_disk import disk
from tests.kit.fire import fire
from tests.kit.fire.fleet import SOON, WORKER, Member, fleet, living_workers
from tests.kit.fire.incubator import incubator
from tests.kit.fire.invariants import violations
from tests.kit.fire.programs import free_port
from tests.kit.live import wait_until
from tests.kit.outside.sinks import sinks
from tests.kit.set_up import api_key
from tests.kit.shop import place_order, publish_automation, runs
from tests.world import NOW

#: One fleet at a time: two of them may need more connections than a Postgres has.
pytestmark = [pytest.mark.xdist_group("fleet"), pytest.mark.slow]

OUTAGES: tuple[Mode, ...] = ("refuse", "reset", "blackhole")


def test_a_page_waits_less_than_three_seconds_for_a_database_that_is_gone() -> None:
    assert postgres.SILENCE + postgres.PATIENCE <= 2.5
    assert postgres.CONNECTING <= 2.5


def test_a_lost_database_is_reported_and_recovers_without_a_restart(app: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    with sinks() as outside, faulty_line(app.config["DATABASE_URL"]) as line:
        rules = fire.publish_automations(app, outside)
        till_key, key = api_key("a till"), api_key("another")
        db.session.rollback()
        with fleet(app, tmp_path, patches=SOON, DATABASE_URL=line.url) as programs:
            wait_until(lambda: living_workers() == 2, limit=60)
            pids = [member.pid for member in programs.members]
            tills = fire.tills(programs.ports, 15, 20, 5)
            for till in tills:
                till.start()
            for mode in OUTAGES:
                line.set(mode)
                for port in programs.ports:
                    wait_until(lambda port=port: _is_refused(port, till_key), limit=60)
                line.set("open")
                for port in programs.ports:
                    wait_until(lambda port=port: _post(port, key).status_code == 200, limit=60)
            line.set("slow")
            assert [_post(port, key).status_code for port in programs.ports] == [200, 200]
            line.set("sliced")
            for till in tills:
                till.join(timeout=120)
            wait_until(_quiet, limit=120)
            assert pids == [member.pid for member in programs.members]
            assert not any(member.has_ended() for member in programs.members)
        acknowledged = [one for till in tills for one in till.acknowledged]
        assert len(acknowledged) == 15 * 20
        assert violations(outside, acknowledged, rules) == []


def test_a_program_started_without_its_database_reports_it_and_exits(project: Path, tmp_path: Path) -> None:
    told = {"DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/none", "DATA_FOLDER": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "app.py"], cwd=project, env=os.environ | told, capture_output=True, text=True
    )
    said = "The database does not answer. Start it again when it does.\n"
    assert (ended.returncode, ended.stderr) == (1, said)


def test_a_worker_that_finds_no_database_waits_for_it(app: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    with faulty_line(app.config["DATABASE_URL"]) as line, _starting(app, tmp_path, line.url) as worker:
        line.set("refuse")
        worker.start()
        wait_until(lambda: "The database does not answer" in worker.words())
        line.set("open")
        wait_until(lambda: {run.state for run in runs()} == {SUCCEEDED})
        assert worker.stop() == 0


def test_a_worker_that_starts_on_a_full_disk_waits_for_space(app: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # there the disk is the program's own, and it is one with the web
    url = app.config["DATABASE_URL"]
    with disk(app) as theirs, _starting(app, tmp_path, url) as worker:
        worker.start()
        wait_until(lambda: {run.state for run in runs()} == {SUCCEEDED})
        assert worker.stop() == 0
        place_order("2", now=NOW.replace(year=2020))
        db.session.rollback()
        theirs.fill([worker])
        worker.start()
        wait_until(lambda: "The disk of the database takes nothing" in worker.words())
        theirs.make_room([worker])
        wait_until(lambda: {run.state for run in runs()} == {SUCCEEDED})
        assert worker.stop() == 0


@contextmanager
def _starting(app: Flask, folder: Path, url: str) -> Iterator[Member]:
    """Return a worker that is not started yet, with work waiting for it."""
    publish_automation("Wrap", "created", actions=[fire.task("wrap")])
    place_order("1", now=NOW.replace(year=2020))
    db.session.rollback()
    environment = {"DATABASE_URL": url, "SECRET_KEY": app.config["SECRET_KEY"], "DATA_FOLDER": str(folder)}
    worker = Member(incubator(), WORKER, environment, folder / "worker.log", patches=SOON)
    try:
        yield worker
    finally:
        worker.kill()


def _post(port: int, key: str) -> requests.Response:
    url, headers = f"http://127.0.0.1:{port}/api/customers", {"Authorization": f"Bearer {key}"}
    return requests.post(url, json={"number": "C-1"}, headers=headers, timeout=30)


def _is_refused(port: int, key: str) -> bool:
    """Return whether the API and a page both report that the database is unavailable."""
    answer = _post(port, key)
    page = requests.get(f"http://127.0.0.1:{port}/sign-in", cookies={"x": "y"}, timeout=30)
    assert page.status_code < 500 or "The database does not answer" in page.text
    return answer.status_code == 503 and "database" in answer.json()["detail"]


def _quiet() -> bool:
    fire.make_all_due()
    return fire.is_quiet()


def test_a_full_disk_loses_nothing_and_work_resumes_when_there_is_space(app: Flask, tmp_path: Path) -> None:
    with sinks() as outside:
        rules = fire.publish_automations(app, outside)
        key = api_key("another")
        db.session.rollback()
        db.engine.dispose()
        with disk(app) as theirs, fleet(app, tmp_path, patches=SOON) as programs:
            tills = fire.tills(programs.ports, 15, 20, 5)
            for till in tills:
                till.start()
            for _ in range(3):
                theirs.fill(programs.members)
                for port in programs.ports:
                    wait_until(lambda port=port: _says_full(port, key), limit=60)
                theirs.make_room(programs.members)
                for port in programs.ports:
                    wait_until(lambda port=port: _write(port, key).status_code == 200, limit=60)
            for till in tills:
                till.join(timeout=120)
            wait_until(_quiet, limit=120)
            assert not any(member.has_ended() for member in programs.members)
        acknowledged = [one for till in tills for one in till.acknowledged]
        assert len(acknowledged) == 15 * 20
        assert violations(outside, acknowledged, rules) == []
        if db.engine.dialect.name == "sqlite":
            assert db.session.scalar(sa.text("PRAGMA integrity_check")) == "ok"


def _write(port: int, key: str) -> requests.Response:
    url, headers = f"http://127.0.0.1:{port}/api/customers", {"Authorization": f"Bearer {key}"}
    body = {"number": "C-1", "note": os.urandom(2000).hex()}
    return requests.post(url, json=body, headers=headers, timeout=30)


def _says_full(port: int, key: str) -> bool:
    answer = _write(port, key)
    return answer.status_code == 503 and "server's disk" in answer.json()["detail"]
