"""kill -9 while orders come in: nothing is lost, nothing is done twice, and all of it is in order."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from tests.kit.under_fire import burn

#: `WHOLE_FIRE=1 pytest tests/test_kill.py` posts 3,000 changes and kills 60 times.
ORDERS, KILLS = (150, 60) if os.environ.get("WHOLE_FIRE") else (50, 20)
CHANGES = 20
SEED = 20261122


def test_nothing_is_lost_and_nothing_is_done_twice(app: Flask, tmp_path: Path) -> None:
    left = burn(app, tmp_path, SEED, ORDERS, CHANGES, KILLS, limit=300)
    assert left.wrong == []
    assert left.acknowledged == ORDERS * CHANGES
    assert left.kills == KILLS
    assert set(left.exit_codes) == {0}
