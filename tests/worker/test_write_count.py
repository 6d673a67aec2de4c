"""Jobs that have nothing to do while nothing is written sleep until something is."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from automations.worker import periodic_jobs
from automations.worker.worker import Worker
from tests.kit import shop
from tests.kit.live import wait_until


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rounds of the job that imports files, which is one of those that wait for a write."""
    done: list[str] = []
    monkeypatch.setattr(periodic_jobs, "READ_EVERY", 0.05)
    monkeypatch.setattr(periodic_jobs.import_work, "work_all", lambda *_: done.append("import"))
    return done


def test_a_write_wakes_the_jobs_that_wait_for_one(app: Flask, rounds: list[str]) -> None:
    worker = Worker(app)
    worker.start()
    try:
        for number in range(3):
            before = len(rounds)
            shop.place_order(f"N-{number}")
            wait_until(lambda before=before: len(rounds) > before, 20)
    finally:
        worker.stop()


def test_they_do_not_wait_for_ever(app: Flask, rounds: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic_jobs, "AT_LEAST_EVERY", 0.05)
    worker = Worker(app)
    worker.start()
    try:
        wait_until(lambda: len(rounds) > 5, 20)
    finally:
        worker.stop()


def test_a_worker_that_stops_waits_for_none_of_them(app: Flask, rounds: list[str]) -> None:
    worker = Worker(app)
    worker.start()
    wait_until(lambda: bool(rounds), 20)
    worker.stop()
    assert "imports" not in {thread.name for thread in threading.enumerate()}
