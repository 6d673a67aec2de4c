"""Files with people's data can be read only by the user who runs the program."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_app
from automations.features.operations import backup, restore
from automations.models.db import backup_sqlite, schema
from automations.models.db.base import db, write
from automations.models.db.database import workflow_engine
from automations.worker.worker import Worker
from tests import world
from tests.world import NOW


@pytest.fixture
def permissive() -> Iterator[None]:
    """A user whose new files everybody may read and write."""
    former = os.umask(0)
    yield
    os.umask(former)


def start(folder: Path) -> Flask:
    app = create_app({"TESTING": True, "SECRET_KEY": "", "DATA_FOLDER": str(folder), "ARGON2": world.CHEAP})
    with app.app_context():
        schema.upgrade()
        with write() as session:
            world.build(session)
    return app


def readable_by_others(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.stat().st_mode & 0o077}


def test_all_that_the_program_makes_is_for_its_user_only(permissive: None, tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    app = start(folder)
    worker = Worker(app)
    worker.start()
    try:
        with app.app_context(), db.engine.connect():
            assert {"store.db", "store.db-wal", "store.db-shm", "secret-key"} <= set(os.listdir(folder))
            assert readable_by_others(folder) == set()
            assert folder.stat().st_mode & 0o077 == 0
    finally:
        worker.stop()


def test_a_database_of_an_earlier_release_becomes_private(permissive: None, tmp_path: Path) -> None:
    with start(tmp_path).app_context(), db.engine.connect():
        for path in tmp_path.iterdir():
            path.chmod(0o644)
        start_again = create_app({"TESTING": True, "SECRET_KEY": "s" * 40, "DATA_FOLDER": str(tmp_path)})
        with start_again.app_context(), db.engine.connect():
            assert readable_by_others(tmp_path) == {"secret-key"}


def test_the_workflow_library_creates_no_readable_file(permissive: None, tmp_path: Path) -> None:
    engine = workflow_engine(f"sqlite:///{tmp_path / 'queue.db'}", threading.Event())
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE t (a)"))
        assert readable_by_others(tmp_path) == set()


def test_a_restore_copies_into_a_file_that_is_already_private(
    permissive: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, modes = tmp_path / "instance", []
    copyfile = shutil.copyfile

    def copy(source: Any, target: Any) -> Any:
        modes.append(Path(target).stat().st_mode & 0o777)
        return copyfile(source, target)

    with start(folder).app_context():
        saved = backup.make(tmp_path / "saved.db", NOW).path
        monkeypatch.setattr(shutil, "copyfile", copy)
        restored = restore.restore(saved, NOW, replace=True)
    assert modes == [0o600]
    assert restored.former and backup_sqlite.is_sqlite_file(restored.former)
    assert readable_by_others(tmp_path) | readable_by_others(folder) <= {"instance"}
