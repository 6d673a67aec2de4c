"""A process killed at any crash point named in the source is recovered from."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from automations.faults import crash
from automations.web.setup.config import BadConfiguration, finish
from tests.kit.faults.crash_points import PASSINGS, crash_points, kill_at_each

#: One fleet at a time: two of them may need more connections than a Postgres has.
pytestmark = [pytest.mark.xdist_group("fleet"), pytest.mark.slow]


def test_crash_points_cover_the_whole_pipeline_and_have_unique_names() -> None:
    points = crash_points()
    assert len(points) >= 25
    assert len(set(points)) == len(points)


@pytest.mark.parametrize("passing", PASSINGS)
def test_every_crash_point_is_recovered_from(app: Flask, tmp_path: Path, passing: int) -> None:
    cases = [f"{name}:{passing}" for name in crash_points()]
    died, wrong = kill_at_each(app, tmp_path, cases)
    assert sorted(died) == sorted(cases)
    assert wrong == []


def test_a_crash_point_in_production_or_without_a_number_prevents_the_start(app: Flask) -> None:
    safe = {**app.config, "PRODUCTION": True, "TRUSTED_HOSTS": ["shop.example.com"]}
    with pytest.raises(BadConfiguration, match="never for production"):
        finish({**safe, "CRASH_AT": "record.begun:1"})
    with pytest.raises(BadConfiguration, match=r"record\.settled:3"):
        finish({**app.config, "CRASH_AT": "record.begun"})
    crash.arm("")
