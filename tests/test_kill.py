"""SIGKILL while orders come in: nothing is lost or repeated, and the order is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.kit.fire.under_fire import run_load_test

#: One fleet at a time: two of them may need more connections than a Postgres has.
pytestmark = [pytest.mark.xdist_group("fleet"), pytest.mark.slow]

ORDERS, CHANGES, KILLS = 150, 20, 60
SEED = 20261122


def test_killed_processes_lose_nothing_and_repeat_nothing(app: Flask, tmp_path: Path) -> None:
    left = run_load_test(app, tmp_path, SEED, ORDERS, CHANGES, KILLS, limit=300)
    assert left.wrong == []
    assert left.acknowledged == ORDERS * CHANGES
    assert left.kills == KILLS
    assert set(left.exit_codes) == {0}
