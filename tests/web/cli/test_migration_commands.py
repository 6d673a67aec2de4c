"""`flask db` in a process of its own: nothing but the command loads the migration library there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from automations.models.db import schema
from tests.kit.fire.programs import ROOT


def flask(folder: Path, *words: str) -> str:
    environment = {
        **os.environ,
        "DATA_FOLDER": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'shop.db'}",
    }
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_tables_are_made_and_their_revision_is_told(tmp_path: Path) -> None:
    assert "upgrade" in flask(tmp_path, "db", "--help")
    assert schema.required_revision() not in flask(tmp_path, "db", "current")
    flask(tmp_path, "db", "upgrade")
    assert schema.required_revision() in flask(tmp_path, "db", "current")
    assert "can sign in with" in flask(tmp_path, "create-store", "Bloom", "ada@bloom.example")
