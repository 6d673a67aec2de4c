"""Killed at every place the source names: all is made good again."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from automations.faults import crash
from automations.web.setup.config import BadConfiguration, finish
from tests.kit.faults.crash_points import PASSINGS, crash_points, kill_at_each

#: One fleet at a time: two of them may need more connections than a Postgres has.
pytestmark = [pytest.mark.xdist_group("fleet"), pytest.mark.slow]


def test_there_are_places_all_along_the_line_each_with_its_own_name() -> None:
    found = crash_points()
    assert len(found) >= 25
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("passing", PASSINGS)
def test_every_place_is_recovered_from(app: Flask, tmp_path: Path, passing: int) -> None:
    cases = [f"{one}:{passing}" for one in crash_points()]
    died, wrong = kill_at_each(app, tmp_path, cases)
    assert sorted(died) == sorted(cases)
    assert wrong == []


def test_a_place_in_production_or_without_a_number_stops_the_start(app: Flask) -> None:
    safe = {**app.config, "PRODUCTION": True, "TRUSTED_HOSTS": ["shop.example.com"]}
    with pytest.raises(BadConfiguration, match="never for production"):
        finish({**safe, "CRASH_AT": "record.begun:1"})
    with pytest.raises(BadConfiguration, match=r"record\.settled:3"):
        finish({**app.config, "CRASH_AT": "record.begun"})
    crash.arm("")
