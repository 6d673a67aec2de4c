"""A disk that takes nothing more: backup and restore say so in a sentence, and change nothing."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.heartbeat import BACKUP, Heartbeat
from automations.models.tables.hold import Hold
from tests.features.operations.test_backup import flask, numbers, own
from tests.kit.shop import place_order

__all__ = ["own"]


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """Let no file of this process grow beyond `most` bytes; a server has the database open."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with db.engine.connect() as server:
            server.execute(sa.text("SELECT count(*) FROM store")).all()
            server.rollback()
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_backup_on_a_full_disk_ends_in_a_sentence_and_leaves_no_file(app: Flask, tmp_path: Path) -> None:
    place_order("1")
    with full_disk(1000):
        failed = flask(app, "backup", tmp_path / "copy")
    assert failed.exit_code == 1
    assert failed.output == (
        f"Error: No backup was made. The disk of {tmp_path} is full. Make room on it and run this again.\n"
    )
    assert list(tmp_path.iterdir()) == []
    assert flask(app, "backup", tmp_path / "copy").exit_code == 0


def test_a_backup_into_a_folder_that_cannot_be_made_ends_in_a_sentence(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    failed = flask(app, "backup", tmp_path / "file" / "copy")
    assert failed.exit_code == 1
    assert failed.output.startswith(f"Error: No backup was made. {tmp_path / 'file'} cannot be written to: ")


def test_a_complete_backup_counts_although_nothing_can_be_noted(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))

    place_order("1")
    monkeypatch.setattr("automations.features.operations.backup.run_in_write", full)
    made = flask(app, "backup", tmp_path / "copy")
    assert made.exit_code == 0, made.output
    assert (tmp_path / "copy").exists()
    db.session.rollback()
    assert db.session.query(Heartbeat).filter_by(name=BACKUP).count() == 0


def test_a_restore_on_a_full_disk_changes_nothing(own: Flask, tmp_path: Path) -> None:
    place_order("1")
    assert flask(own, "backup", tmp_path / "copy").exit_code == 0
    place_order("2")
    with full_disk(1000):
        failed = flask(own, "restore", tmp_path / "copy", "--replace")
    assert failed.exit_code == 1
    assert failed.output.startswith("Error: ") and " is full. Make room on it" in failed.output
    assert numbers() == {"1", "2"} and db.session.query(Hold).count() == 0
    assert flask(own, "restore", tmp_path / "copy", "--replace").exit_code == 0
    assert numbers() == {"1"}


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_restore_that_fills_the_disk_half_way_changes_nothing(
    own: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    """The former data is kept, and then there is no room for the copy that is made ready."""
    if db.engine.dialect.name != "sqlite":
        return
    place_order("1")
    assert flask(own, "backup", tmp_path / "copy").exit_code == 0
    place_order("2")
    monkeypatch.setattr("automations.features.operations.restore._former", lambda *_: None)
    with full_disk(int((tmp_path / "copy").stat().st_size * share)):
        failed = flask(own, "restore", tmp_path / "copy", "--replace")
    folder = Path(str(db.engine.url.database)).parent
    assert failed.exit_code == 1
    assert failed.output.startswith(f"Error: Nothing was changed. The disk of {folder} is full.")
    assert numbers() == {"1", "2"}
    assert list(folder.glob("*.restoring*")) == []
