"""A database that goes away, a disk that takes no more: said in a sentence, nothing lost, and on again."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from flask import Flask

from automations.models import postgres
from automations.models.base import db
from automations.models.run import SUCCEEDED
from tests.kit import fire
from tests.kit.faulty_line import Mode, faulty_line
from tests.kit.fleet import SOON, WORKER, Fleet, Member, fleet, living_workers
from tests.kit.incubator import Incubator
from tests.kit.invariants import broken
from tests.kit.live import eventually
from tests.kit.set_up import api_key
from tests.kit.shop import place_order, publish_automation, runs
from tests.kit.sinks import sinks
from tests.world import NOW

#: One fleet at a time: two of them may need more connections than a Postgres has.
pytestmark = pytest.mark.xdist_group("fleet")

OUTAGES: tuple[Mode, ...] = ("refuse", "reset", "blackhole")
UNLIMITED = resource.RLIM_INFINITY


def test_a_page_waits_less_than_three_seconds_for_a_database_that_is_gone() -> None:
    assert postgres.SILENCE + postgres.PATIENCE <= 2.5
    assert postgres.CONNECTING <= 2.5


def test_a_database_that_goes_away_is_said_so_and_comes_back_without_a_restart(
    app: Flask, tmp_path: Path
) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    with sinks() as outside, faulty_line(app.config["DATABASE_URL"]) as line:
        rules = fire.light(app, outside)
        till_key, key = api_key("a till"), api_key("another")
        db.session.rollback()
        with fleet(app, tmp_path, patches=SOON, DATABASE_URL=line.url) as programs:
            eventually(lambda: living_workers() == 2, limit=60)
            pids = [member.pid for member in programs.members]
            tills = fire.tills(programs.ports, 15, 20, 5)
            for till in tills:
                till.start()
            for mode in OUTAGES:
                line.set(mode)
                for port in programs.ports:
                    eventually(lambda port=port: _is_refused(port, till_key), limit=60)
                line.set("open")
                for port in programs.ports:
                    eventually(lambda port=port: _post(port, key).status_code == 200, limit=60)
            line.set("slow")
            assert [_post(port, key).status_code for port in programs.ports] == [200, 200]
            line.set("sliced")
            for till in tills:
                till.join(timeout=120)
            eventually(_quiet, limit=120)
            assert pids == [member.pid for member in programs.members]
            assert not any(member.has_ended() for member in programs.members)
        acknowledged = [one for till in tills for one in till.acknowledged]
        assert len(acknowledged) == 15 * 20
        assert broken(outside, acknowledged, rules) == []


def test_a_worker_that_finds_no_database_waits_for_it(app: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    publish_automation("Wrap", "created", actions=[fire.task("wrap")])
    place_order("1", now=NOW.replace(year=2020))
    db.session.rollback()
    incubator = Incubator()
    try:
        with faulty_line(app.config["DATABASE_URL"]) as line:
            line.set("refuse")
            environment = {"DATABASE_URL": line.url, "SECRET_KEY": app.config["SECRET_KEY"]}
            environment["DATA_FOLDER"] = str(tmp_path)
            worker = Member(incubator, WORKER, environment, tmp_path / "worker.log", patches=SOON)
            worker.start()
            eventually(lambda: "The database does not answer" in worker.words())
            line.set("open")
            eventually(lambda: {run.state for run in runs()} == {SUCCEEDED})
            assert worker.stop() == 0
    finally:
        incubator.close()


def _post(port: int, key: str) -> requests.Response:
    url, headers = f"http://127.0.0.1:{port}/api/customers", {"Authorization": f"Bearer {key}"}
    return requests.post(url, json={"number": "C-1"}, headers=headers, timeout=30)


def _is_refused(port: int, key: str) -> bool:
    """Whether the API and a page both say that the database is away."""
    answer = _post(port, key)
    page = requests.get(f"http://127.0.0.1:{port}/sign-in", cookies={"x": "y"}, timeout=30)
    assert page.status_code < 500 or "The database does not answer" in page.text
    return answer.status_code == 503 and "database" in answer.json()["detail"]


def _quiet() -> bool:
    fire.hurry()
    return fire.is_quiet()


def test_a_disk_that_takes_no_more_loses_nothing_and_goes_on_when_there_is_room(
    app: Flask, tmp_path: Path
) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    with sinks() as outside:
        rules = fire.light(app, outside)
        key = api_key("another")
        db.session.rollback()
        db.engine.dispose()
        with fleet(app, tmp_path, patches=SOON) as programs:
            (port,) = programs.ports
            tills = fire.tills(programs.ports, 15, 20, 5)
            for till in tills:
                till.start()
            for _ in range(3):
                _let_files_grow(programs, to=_size(app))
                eventually(lambda: _says_full(port, key), limit=60)
                _let_files_grow(programs, to=UNLIMITED)
                eventually(lambda: _write(port, key).status_code == 200, limit=60)
            for till in tills:
                till.join(timeout=120)
            eventually(_quiet, limit=120)
            assert not programs.members[0].has_ended()
        acknowledged = [one for till in tills for one in till.acknowledged]
        assert len(acknowledged) == 15 * 20
        assert broken(outside, acknowledged, rules) == []
        assert db.session.scalar(sa.text("PRAGMA integrity_check")) == "ok"


def _let_files_grow(programs: Fleet, to: int) -> None:
    for member in programs.members:
        resource.prlimit(member.pid, resource.RLIMIT_FSIZE, (to, UNLIMITED))


def _size(app: Flask) -> int:
    """A little more than the smaller of the database and its log: one of the two soon cannot grow."""
    path = app.config["DATABASE_URL"].removeprefix("sqlite:///")
    return min(os.path.getsize(path), os.path.getsize(f"{path}-wal"))


def _write(port: int, key: str) -> requests.Response:
    url, headers = f"http://127.0.0.1:{port}/api/customers", {"Authorization": f"Bearer {key}"}
    body = {"number": "C-1", "note": os.urandom(2000).hex()}
    return requests.post(url, json=body, headers=headers, timeout=30)


def _says_full(port: int, key: str) -> bool:
    answer = _write(port, key)
    return answer.status_code == 503 and "disk of the server" in answer.json()["detail"]
