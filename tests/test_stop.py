"""SIGTERM while orders come in: what is begun is finished, the rest is given back, and nothing is unknown."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from automations.models.base import db
from automations.models.order import Order
from automations.models.run import FINAL, SUCCEEDED, WAITING, Attempt, Run
from tests.kit.fleet import fleet
from tests.kit.live import eventually, working
from tests.kit.set_up import api_key, use_smtp_server
from tests.kit.shop import email_to, publish_automation
from tests.kit.smtp import SmtpSink
from tests.kit.till import Till

ORDERS = 1000
LIMIT = 240


class UnhurriedSink(SmtpSink):
    """Takes its time over each email, so that some are under way at any moment."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(0.2)
        return await super().handle_DATA(server, session, envelope)


def test_programs_told_to_stop_leave_nothing_begun(app: Flask, tmp_path: Path) -> None:
    publish_automation("Confirm", "created", actions=[email_to(), email_to("manager")])
    key = api_key("till")
    with UnhurriedSink() as smtp:
        use_smtp_server(app, smtp.port)
        db.session.rollback()
        db.engine.dispose()
        with fleet(app, tmp_path, seed=1) as programs:
            tills = [Till(programs.web_port, key, name, ORDERS) for name in ("A", "B")]
            for till in tills:
                till.start()
            eventually(lambda: len(smtp.emails) >= 8, limit=LIMIT)
            codes = programs.stop()
        for till in tills:
            till.enough.set()
            till.join(timeout=LIMIT)
        assert set(codes) == {0}, codes
        _nothing_is_begun()
        acknowledged = {number for till in tills for number in till.acknowledged}
        assert acknowledged <= set(db.session.scalars(sa.select(Order.number)))
        with working(app):
            eventually(_at_rest, limit=LIMIT)
        assert set(smtp.per_message_id().values()) == {1}
        assert len(smtp.emails) == db.session.query(Run).count()
    assert {run.state for run in db.session.query(Run)} == {SUCCEEDED}


def _nothing_is_begun() -> None:
    db.session.rollback()
    assert db.session.query(Run).count() > 0
    left = set(db.session.scalars(sa.select(Run.state).where(Run.state != SUCCEEDED)))
    assert left <= {WAITING, "queued"}
    assert db.session.query(Attempt).filter(Attempt.result.in_(("started", "uncertain"))).count() == 0


def _at_rest() -> bool:
    return not db.session.scalar(sa.select(sa.func.count(Run.id)).where(Run.state.not_in(FINAL)))
