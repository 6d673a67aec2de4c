"""After a power cut at any moment SQLite’s file is sound and holds every acknowledged commit.

Two thousand cuts: `python -m tests.kit.faults.power_cuts`; its output is in docs/reliability.md.
"""

from __future__ import annotations

import pytest
from flask import Flask

from automations.models.db.database import sqlite_path
from tests.kit.faults import power_cuts
from tests.kit.faults.power_cuts import Recording

pytestmark = pytest.mark.slow

CUTS = 40
#: Settings without a sync at each commit, and with a log of the default size: moving it also syncs the file.
LOWERED = ("PRAGMA synchronous=NORMAL", "PRAGMA wal_autocheckpoint=1000")


@pytest.fixture
def recording(app: Flask) -> Recording | None:
    """What the product tells SQLite; None on Postgres, which has its own layer for this."""
    path = sqlite_path(app.config["DATABASE_URL"])
    return power_cuts.record(app, path) if path else None


def test_no_power_cut_corrupts_the_file_or_loses_an_acknowledged_commit(recording: Recording | None) -> None:
    if recording is None:
        return
    assert len(recording.states) > 2 * power_cuts.ORDERS, "each order is a commit of its own, at least"
    assert power_cuts.cut_often(recording, CUTS, seed=1) == {"sound": CUTS}


def test_the_same_cuts_lose_commits_when_commits_are_not_synced(
    recording: Recording | None,
) -> None:
    if recording is None:
        return
    results = power_cuts.cut_often(recording, CUTS, seed=1, extra=LOWERED)
    assert results["lost"] > 0
    assert results["corrupt"] == 0
