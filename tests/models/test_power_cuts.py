"""A power cut at any moment: SQLite's file stays sound, and what was acknowledged is there.

Two thousand cuts: `python -m tests.kit.power_cuts`; its output is in docs/reliability.md.
"""

from __future__ import annotations

import pytest
from flask import Flask

from automations.models.database import sqlite_path
from tests.kit import power_cuts
from tests.kit.power_cuts import Recording

CUTS = 40
#: Without a sync at each commit; and with a log as long as usual, whose move into the file syncs it as well.
LOWERED = ("PRAGMA synchronous=NORMAL", "PRAGMA wal_autocheckpoint=1000")


@pytest.fixture
def recording(app: Flask) -> Recording | None:
    """What the product tells SQLite; nothing on Postgres, which has its own layer for this."""
    path = sqlite_path(app.config["DATABASE_URL"])
    return power_cuts.record(app, path) if path else None


def test_no_power_cut_corrupts_the_file_or_loses_what_was_acknowledged(recording: Recording | None) -> None:
    if recording is None:
        return
    assert len(recording.states) > 2 * power_cuts.ORDERS, "each order is a commit of its own, at least"
    assert power_cuts.many(recording, CUTS, seed=1) == {"sound": CUTS}


def test_the_same_cuts_are_told_from_sound_ones_when_commits_are_not_synced(
    recording: Recording | None,
) -> None:
    if recording is None:
        return
    found = power_cuts.many(recording, CUTS, seed=1, extra=LOWERED)
    assert found["lost"] > 0
    assert found["corrupt"] == 0
