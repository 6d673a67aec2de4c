"""A folder or a file that is named from where the program was started is the same for all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import create_app
from automations.models.db.base import db, write
from automations.models.db.database import sqlite_path

SECRET = "only-for-this-test-" * 2


@pytest.mark.parametrize(
    ("settings", "file"),
    [
        ({"DATA_FOLDER": "./data"}, "data/store.db"),
        ({"DATA_FOLDER": "data", "DATABASE_URL": "sqlite:///mine.db"}, "mine.db"),
    ],
)
def test_what_is_named_from_here_is_found_from_here(
    settings: dict[str, str], file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = create_app({"TESTING": True, "SECRET_KEY": SECRET, **settings})
    assert sqlite_path(app.config["DATABASE_URL"]) == tmp_path / file
    with app.app_context():
        with write():
            pass
        assert (tmp_path / file).exists()
        db.engine.dispose()
