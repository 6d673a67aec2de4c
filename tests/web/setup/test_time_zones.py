"""A clock is right by the pinned time zones, also on a machine whose own files are old or wrong."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from flask import Flask

from automations.features.scheduling import scan
from automations.models.db.base import write
from automations.models.tables.store import Store
from tests.kit.shop import place_order
from tests.kit.source import ROOT
from tests.kit.time import at, dues, timed

DAILY = {"every": "day", "weekday": None, "day": None, "time": "08:00"}
#: Run in an interpreter of its own, which reads its zones afresh.
_STARTS = """
import datetime as dt, sys
from zoneinfo import ZoneInfo
from app import create_app
create_app({"SECRET_KEY": "only-for-tests-" * 4, "DATABASE_URL": "sqlite://", "DATA_FOLDER": sys.argv[1]})
from automations.web.setup import time_zones
print(dt.datetime(2026, 12, 1, 8, tzinfo=ZoneInfo("America/Vancouver")).utcoffset())
print("Mars/Base" in time_zones.offered())
"""


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("America/Vancouver", "2026-12-01 15:00"),
        ("America/Edmonton", "2026-12-01 14:00"),
        ("America/Winnipeg", "2026-12-01 13:00"),
        ("Africa/Casablanca", "2026-12-01 08:00"),
        ("Europe/London", "2026-12-01 08:00"),
    ],
)
def test_a_daily_schedule_knows_the_changes_of_2026(app: Flask, zone: str, instant: str) -> None:
    with write() as session:
        session.query(Store).filter_by(name="Bloom & Wild St").one().timezone = zone
    id = timed("Daily", "scheduled", DAILY, now=at("2026-11-30 20:00"))
    order = place_order(now=at("2026-11-30 20:00"))
    scan.scan(at("2026-12-01 20:00"))
    assert dues(id) == [(order.id, at(instant))]


def test_the_files_of_the_machine_are_not_asked(tmp_path: Path) -> None:
    wrong = (resources.files("tzdata") / "zoneinfo" / "Pacific" / "Auckland").read_bytes()
    for name in ("America/Vancouver", "Mars/Base"):
        (tmp_path / "zones" / name).parent.mkdir(parents=True)
        (tmp_path / "zones" / name).write_bytes(wrong)
    command = [sys.executable, "-c", _STARTS, str(tmp_path)]
    machine = os.environ | {"PYTHONTZPATH": str(tmp_path / "zones")}
    done = subprocess.run(command, cwd=ROOT, env=machine, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(dt.timedelta(hours=-7)), "False"]
