"""The worker scans the time triggers by itself, by the real clock."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from automations.worker import periodic_jobs
from tests.kit.live import wait_until, working
from tests.kit.shop import place_order, runs
from tests.kit.time import reached, timed


def test_a_running_worker_fires_what_is_due(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic_jobs, "SCAN_EVERY", 0.1)
    now = dt.datetime.now(dt.UTC)
    timed("Thanks", "date_reached", reached("placed_at", "after", 1, "minutes", None), now=now)
    place_order(placed_at=now - dt.timedelta(seconds=58.5), now=now)
    with working(app):
        wait_until(lambda: [run.state for run in runs()] == ["skipped"])
