"""`flask doctor` reports what is well, what is not and what to do, also by its exit code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from automations.models.db.base import db, run_in_write, write
from automations.models.tables import heartbeat
from automations.pipeline.runs import store_hold
from automations.web.cli import doctor
from automations.web.cli.doctor import FAIL, OK, WARN
from tests.kit.databases import patient
from tests.kit.fire.programs import free_port
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import use_smtp_server
from tests.kit.shop import place_order, publish_automation, set_run

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
STRONG = "Zk3vQ8xTn1LwPz7YbRc5HdJfMgKs2Ue9Wa4Xi6Oo0Vt"


@pytest.fixture(autouse=True)
def durable(app: Flask) -> Iterator[None]:
    """The connections that are looked at are those of the program, not those of the tests."""
    with patient():
        yield


@pytest.fixture
def well(app: Flask) -> Flask:
    """An installation with a worker that just ran and a backup of last night."""
    run_in_write(
        lambda session: heartbeat.note(session, {"relay": NOW, "backup": NOW - dt.timedelta(hours=8)})
    )
    return app


def levels(app: Flask, now: dt.datetime = NOW, offline: bool = True) -> dict[str, str]:
    db.session.rollback()
    return {line.name: line.level for line in doctor.examine(app, now, offline)}


def words(app: Flask, name: str, now: dt.datetime = NOW, offline: bool = True) -> str:
    db.session.rollback()
    return next(line.words for line in doctor.examine(app, now, offline) if line.name == name)


def test_a_healthy_installation_passes_every_check(well: Flask) -> None:
    by_name = levels(well)
    for name in ("python", "schema", "worker", "queue", "unknown", "backup"):
        assert by_name[name] == OK, name
    if db.engine.dialect.name == "sqlite":
        assert (by_name["sqlite"], by_name["pragmas"], by_name["integrity"]) == (OK, OK, OK)
    else:
        assert (by_name["postgres"], by_name["clock"]) == (OK, OK)


def test_a_stopped_worker_and_an_old_backup_are_reported(well: Flask) -> None:
    later = NOW + dt.timedelta(days=2)
    by_name = levels(well, later)
    assert (by_name["worker"], by_name["backup"]) == (FAIL, WARN)
    assert "Start one" in words(well, "worker", later)
    assert "--keep 14" in words(well, "backup", later)


def test_a_new_installation_reports_no_worker_and_no_backup(app: Flask) -> None:
    assert "None has ever run." in words(app, "worker")
    assert "There is none" in words(app, "backup")


def test_a_clock_set_back_is_reported(well: Flask) -> None:
    assert "clock is wrong" in words(well, "worker", NOW - dt.timedelta(hours=1))


@pytest.mark.parametrize(("minutes", "level"), [(0, OK), (2, WARN), (30, FAIL)])
def test_a_stuck_queue_is_reported(well: Flask, minutes: int, level: str) -> None:
    publish_automation("Confirm", "created")
    place_order("1", customer_id=1, now=NOW)
    assert levels(well, NOW + dt.timedelta(minutes=minutes))["queue"] == level


def test_work_waiting_for_a_person_is_reported_with_its_page(well: Flask) -> None:
    publish_automation("Confirm", "created")
    place_order("1", customer_id=1)
    set_run(1, state="unknown")
    with write() as session:
        store_hold.begin(session, NOW)
    assert "/needs-you" in words(well, "unknown")
    assert "/hold" in words(well, "hold")


def test_the_mail_server_is_contacted_and_nothing_is_sent(well: Flask) -> None:
    with SmtpSink() as smtp:
        use_smtp_server(well, smtp.port)
        assert levels(well, offline=False)["mail of store 1"] == OK
        assert smtp.emails == []
    assert "does not answer" in words(well, "mail of store 1", offline=False)
    assert "mail of store 1" not in levels(well)


def test_a_changed_secret_key_is_reported(well: Flask) -> None:
    use_smtp_server(well, free_port())
    well.config["SECRET_KEY"], kept = STRONG, well.config["SECRET_KEY"]
    try:
        assert "Was SECRET_KEY changed" in words(well, "secrets of store 1", offline=False)
    finally:
        well.config["SECRET_KEY"] = kept


def test_weak_secrets_are_distinguished_from_strong_ones() -> None:
    assert doctor.entropy_bits(STRONG) > doctor.ENOUGH_BITS
    for weak in ("a" * 40, "changemechangemechangemechangeme", "12345678901234567890123456789012"):
        assert doctor.entropy_bits(weak) < doctor.ENOUGH_BITS, weak


def test_a_nearly_full_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, level in ((0, OK), (1 << 60, WARN)):
        monkeypatch.setattr(doctor, "LITTLE_SPACE", limit)
        assert doctor._space(tmp_path).level == level
    monkeypatch.setattr(doctor, "NO_SPACE", 1 << 60)
    assert doctor._space(tmp_path).level == FAIL


@pytest.mark.parametrize(("kept", "code"), [(STRONG, 1), ("a" * 40, 2)])
def test_the_exit_code_reflects_the_worst_check(app: Flask, kept: str, code: int) -> None:
    run_in_write(
        lambda session: heartbeat.note(session, dict.fromkeys(("relay", "backup"), dt.datetime.now(dt.UTC)))
    )
    app.config["SECRET_KEY"], former = kept, app.config["SECRET_KEY"]
    try:
        db.session.remove()
        answer = app.test_cli_runner().invoke(args=["doctor", "--offline"])
    finally:
        app.config["SECRET_KEY"] = former
    if db.engine.dialect.name == "postgresql":
        # The tests' server does not survive a power cut, which the doctor reports as a failure.
        assert "durability" in answer.output
        code = 2
    assert answer.exit_code == code, answer.output
    assert "PRODUCTION: Off" in answer.output
