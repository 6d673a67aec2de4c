"""A backup made while orders come in, put back: a state that once was, and nothing leaves by itself."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from automations.features.operations import backup
from automations.models.db.base import db, run_in_write, write
from automations.models.tables.heartbeat import BACKUP, RELAY, Heartbeat
from automations.models.tables.hold import Hold
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.people import Audit, SignIn, User
from automations.models.tables.run import SUCCEEDED, WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.runs import store_hold
from tests.kit.doing import perform_all
from tests.kit.live import wait_until, working
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import use_smtp_server
from tests.kit.shop import place_order, publish_automation, runs, set_run
from tests.world import NOW

ANNA = 1
LIMIT = 240
#: The worker goes by the real clock.
EARLIER = NOW.replace(year=2020)


@pytest.fixture
def own(app: Flask) -> Iterator[Flask]:
    """A restore makes the tables anew: what the other tests share is put right afterwards."""
    yield app
    db.session.remove()


def flask(app: Flask, *words: str | Path) -> Result:
    """A command of the `flask` program."""
    db.session.remove()
    db.engine.dispose()
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


@contextmanager
def orders_coming_in(app: Flask) -> Iterator[list[str]]:
    """Someone who places orders until the end; yields the numbers that were acknowledged."""
    enough, placed = threading.Event(), list[str]()

    def place() -> None:
        with app.app_context():
            while not enough.is_set():
                number = f"B-{len(placed)}"
                place_order(number, customer_id=ANNA, now=EARLIER)
                placed.append(number)
            db.session.remove()

    till = threading.Thread(target=place)
    till.start()
    try:
        yield placed
    finally:
        enough.set()
        till.join(timeout=LIMIT)


def numbers() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(sa.select(Order.number)))


def test_a_backup_under_load_is_a_consistent_state(own: Flask, tmp_path: Path) -> None:
    publish_automation("Confirm", "created")
    file = tmp_path / "copy"
    with orders_coming_in(own) as placed:
        wait_until(lambda: len(placed) >= 5, limit=LIMIT)
        before = set(placed)
        made = flask(own, "backup", file)
        after = len(placed)
        wait_until(lambda: len(placed) >= after + 3, limit=LIMIT)
    assert made.exit_code == 0, made.output
    assert file.stat().st_mode & 0o077 == 0, "for its owner only"

    done = flask(own, "restore", file, "--replace")
    assert done.exit_code == 0, done.output
    found = numbers()
    assert before <= found < set(placed)
    assert found == set(placed[: len(found)]), "in the order in which they came in, without a gap"
    for table in (Occurrence, Evaluation, Run):
        assert db.session.query(table).count() == len(found)
    assert list(tmp_path.glob("before-restore-*")), "what was there is kept"
    # Numbering goes on where it stood: an id is never used for two things.
    last = db.session.query(Run).order_by(Run.id.desc()).first()
    place_order("later", customer_id=ANNA, now=EARLIER)
    assert last and runs()[-1].id > last.id


def test_after_a_restore_nothing_leaves_until_released_and_then_once(
    own: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.worker.periodic_jobs.SWEEP_EVERY", 0.1)
    monkeypatch.setattr("automations.worker.periodic_jobs.BEAT_EVERY", 0.0)
    publish_automation("Confirm", "created")
    for number in ("1", "2", "3"):
        place_order(number, customer_id=ANNA, now=EARLIER)
    # One of them was under way when the copy was made.
    set_run(2, state="queued", workflow_id="of then")
    with SmtpSink() as smtp:
        use_smtp_server(own, smtp.port)
        assert flask(own, "backup", tmp_path / "copy").exit_code == 0
        assert flask(own, "restore", tmp_path / "copy", "--replace").exit_code == 0
        with working(own):
            place_order("4", customer_id=ANNA, now=EARLIER)
            placed = dt.datetime.now(dt.UTC)
            # From here on the relay has seen all four.
            wait_until(lambda: _relayed_at() > placed, limit=LIMIT)
            assert smtp.emails == []
            assert {run.state for run in runs()} == {WAITING}
            _decide(store_hold.arrived, 1)
            _decide(store_hold.release, 2)
            wait_until(lambda: _state(2) == SUCCEEDED, limit=LIMIT)
            assert len(smtp.emails) == 1
            assert [_state(id) for id in (1, 3, 4)] == [SUCCEEDED, WAITING, WAITING]
            _end()
            wait_until(lambda: {run.state for run in runs()} == {SUCCEEDED}, limit=LIMIT)
        assert len(smtp.emails) == 3
        assert set(smtp.per_message_id().values()) == {1}


def test_a_restore_ends_all_sessions(own: Flask, tmp_path: Path, rosa: User) -> None:
    with write() as session:
        session.add(SignIn(token_hash="x", user_id=rosa.id, store_id=1, created_at=NOW, seen_at=NOW))
    assert flask(own, "backup", tmp_path / "copy").exit_code == 0
    assert flask(own, "restore", tmp_path / "copy", "--replace").exit_code == 0
    assert db.session.query(SignIn).filter(SignIn.ended_at.is_(None)).count() == 0


def test_a_restore_is_in_the_audit_of_every_store(own: Flask, tmp_path: Path) -> None:
    assert flask(own, "backup", tmp_path / "copy").exit_code == 0
    done = flask(own, "restore", tmp_path / "copy", "--replace")
    assert done.exit_code == 0, done.output
    rows = db.session.query(Audit).filter_by(action="restored").order_by(Audit.store_id).all()
    assert [(row.store_id, row.user_id) for row in rows] == [(1, None), (2, None)]
    assert all(row.about.startswith("a backup, as of ") for row in rows)
    assert flask(own, "audit", "verify").exit_code == 0, "the chain goes on from where the backup ended"


def test_existing_data_is_replaced_only_on_request(own: Flask, tmp_path: Path) -> None:
    assert flask(own, "backup", tmp_path / "copy").exit_code == 0
    refused = flask(own, "restore", tmp_path / "copy")
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert db.session.query(Hold).count() == 0


def test_a_file_that_is_no_backup_is_refused_and_changes_nothing(own: Flask, tmp_path: Path) -> None:
    place_order("1", customer_id=ANNA)
    (tmp_path / "text").write_text("not a backup at all")
    assert flask(own, "backup", tmp_path / "copy").exit_code == 0
    whole = (tmp_path / "copy").read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    for name in ("text", "half", "missing"):
        refused = flask(own, "restore", tmp_path / name, "--replace")
        assert refused.exit_code == 1, name
        assert refused.output.startswith("Error: "), refused.output
    assert numbers() == {"1"}
    assert db.session.query(Hold).count() == 0


def test_a_backup_is_never_overwritten_and_is_audited(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    assert flask(app, "backup", file).exit_code == 0
    assert "another name" in flask(app, "backup", file).output
    noted = db.session.query(Heartbeat).filter_by(name=BACKUP).one()
    assert noted.size == file.stat().st_size


def test_only_the_newest_backups_are_kept(app: Flask, tmp_path: Path) -> None:
    for second in range(4):
        backup.make(backup.usual_name(tmp_path, NOW.replace(second=second)), NOW)
    (tmp_path / "store-of-someone.txt").write_text("not ours")
    gone = backup.forget_old(tmp_path, 2)
    assert len(gone) == 2
    kept = sorted(path.name[6:21] for path in tmp_path.iterdir() if path.suffix != ".txt")
    assert kept == ["20261122T100002", "20261122T100003"]


def test_restores_made_by_other_means_can_be_put_on_hold(app: Flask) -> None:
    publish_automation("Confirm", "created")
    place_order("1", customer_id=ANNA)
    assert "On hold: 2 stores." in flask(app, "hold").output
    assert {row.about for row in db.session.query(Audit).filter_by(action="restored")} == {"a backup"}
    with write() as session:
        assert session.query(Run).filter(store_hold.may_leave()).count() == 0


def test_a_hold_of_one_store_is_not_one_of_another(app: Flask, bloom: Store) -> None:
    publish_automation("Confirm", "created")
    place_order("1", customer_id=ANNA)
    flask(app, "hold")
    _end("Thorn & Co")
    with write() as session:
        assert session.query(Run).filter(store_hold.may_leave()).count() == 0
    _end()
    assert perform_all() == 1


def _decide(decision: object, run_id: int) -> None:
    def work(session: sa.orm.Session) -> None:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        decision(session, session.get_one(Run, run_id), ada, NOW)

    run_in_write(work)


def _end(store: str = "Bloom & Wild St") -> None:
    def work(session: sa.orm.Session) -> None:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        found = session.query(Store).filter_by(name=store).one()
        hold = store_hold.current(session, found.id)
        assert hold is not None
        store_hold.end(session, hold, ada, NOW)

    run_in_write(work)


def _relayed_at() -> dt.datetime:
    found = db.session.query(Heartbeat).filter_by(name=RELAY).one_or_none()
    return found.at if found else EARLIER


def _state(run_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Run, run_id).state
