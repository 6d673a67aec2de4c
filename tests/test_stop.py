"""SIGTERM while orders come in: started runs finish, the others are released, and no outcome is unknown."""

from __future__ import annotations

import asyncio
import ctypes
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.order import Order
from automations.models.tables.run import FINAL, SUCCEEDED, WAITING, Attempt, Run
from tests.kit.fire.fleet import fleet
from tests.kit.fire.till import SingleOrderTill
from tests.kit.live import wait_until, working
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import api_key, use_smtp_server
from tests.kit.shop import email_to, never_held, place_order, publish_automation
from tests.world import NOW

pytestmark = pytest.mark.slow

ORDERS = 1000
LIMIT = 240


class UnhurriedSink(SmtpSink):
    """A slow mail sink, so that some emails are in progress at any moment."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(0.1)
        return await super().handle_DATA(server, session, envelope)


def test_stopped_programs_leave_no_work_unfinished(app: Flask, tmp_path: Path) -> None:
    publish_automation("Confirm", "created", actions=[email_to(), email_to("manager")])
    never_held()
    key = api_key("till")
    with UnhurriedSink() as smtp:
        use_smtp_server(app, smtp.port)
        db.session.rollback()
        db.engine.dispose()
        with fleet(app, tmp_path, seed=1) as programs:
            tills = [SingleOrderTill(programs.web_port, key, name, ORDERS) for name in ("A", "B")]
            for till in tills:
                till.start()
            wait_until(lambda: len(smtp.emails) >= 8, limit=LIMIT)
            codes = programs.stop()
        for till in tills:
            till.enough.set()
            till.join(timeout=LIMIT)
        assert set(codes) == {0}, codes
        _nothing_is_begun()
        acknowledged = {number for till in tills for number in till.acknowledged}
        assert acknowledged <= set(db.session.scalars(sa.select(Order.number)))
        with working(app):
            wait_until(_at_rest, limit=LIMIT)
        assert set(smtp.per_message_id().values()) == {1}
        assert len(smtp.emails) == db.session.query(Run).count()
    assert {run.state for run in db.session.query(Run)} == {SUCCEEDED}


def test_a_program_stops_whichever_thread_receives_the_signal(app: Flask, tmp_path: Path) -> None:
    place_order("1", now=NOW.replace(year=2020))
    db.session.rollback()
    with fleet(app, tmp_path) as programs:
        for member in programs.members:
            wait_until(lambda one=member: len(_other_threads(one.pid)) > 5)
            thread = next(iter(_other_threads(member.pid)))
            assert ctypes.CDLL(None).tgkill(member.pid, thread, signal.SIGTERM) == 0
            wait_until(member.has_ended, limit=LIMIT)
            assert member.bury() == 0


def _other_threads(pid: int) -> set[int]:
    """The threads of a process beside its main one."""
    return {int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()} - {pid}


def _nothing_is_begun() -> None:
    db.session.rollback()
    assert db.session.query(Run).count() > 0
    left = set(db.session.scalars(sa.select(Run.state).where(Run.state != SUCCEEDED)))
    assert left <= {WAITING, "queued"}
    assert db.session.query(Attempt).filter(Attempt.result.in_(("started", "uncertain"))).count() == 0


def _at_rest() -> bool:
    return not db.session.scalar(sa.select(sa.func.count(Run.id)).where(Run.state.not_in(FINAL)))
