"""A campaign whose worker is killed twice on the way: everybody who was counted gets it, and nobody twice."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from automations.features.audience import campaign_edits, campaign_sending, segment_edits
from automations.models.db.base import db, write
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import FINAL, SUCCEEDED, UNKNOWN, Run
from automations.models.tables.segment import SENT, Campaign
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Change
from automations.pipeline.runs import run_decisions
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.fire.fleet import SOON, WORKER, Member
from tests.kit.fire.incubator import incubator
from tests.kit.live import wait_until
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import use_smtp_server

pytestmark = pytest.mark.slow

#: SEGMENT_SIZE=20000 asks for the size that is promised.
CUSTOMERS = int(os.environ.get("SEGMENT_SIZE", "150"))
LIMIT = 240 + CUSTOMERS / 10
SITE = "https://bloom.example"
MESSAGE = {"channel": "email", "subject": "Peonies", "message": "They are in, {{ customer.first_name }}."}


def test_a_worker_killed_twice_sends_to_everyone_exactly_once(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", SITE)
    now = dt.datetime.now(dt.UTC)
    _fill(now)
    _written_to_lately(now)
    id = _campaign("all", 7, now)
    shown = campaign_sending.preview(db.session(), db.session.get_one(Campaign, id), now)
    tenth = CUSTOMERS // 10
    assert shown == {
        "customers": CUSTOMERS,
        "no_consent": tenth,
        "invalid": tenth,
        "capped": tenth,
        # There was no mail server yet.
        "capped_here": tenth,
        "sent": CUSTOMERS - 3 * tenth,
    }
    worker = _worker(app, tmp_path)
    with Deadly(worker=worker, at=[shown["sent"] // 5, shown["sent"] * 3 // 5]) as smtp:
        use_smtp_server(app, smtp.port)
        _start(id)
        for left in (1, 0):
            worker.start()
            wait_until(partial(_killed, smtp, left), LIMIT)
        worker.start()
        try:
            wait_until(_at_rest, LIMIT)
            unsure = _decide(smtp, id)
            wait_until(_at_rest, LIMIT)
        finally:
            worker.kill()
        db.session.rollback()
        assert db.session.get_one(Campaign, id).counts == shown
        states = [run.state for run in _runs(id)]
        assert set(states) == {SUCCEEDED} and len(states) == shown["sent"]
        assert sorted(to for one in smtp.recipients for to in one) == sorted(_meant())
        print(f"{CUSTOMERS:,} customers: {shown}; {unsure} left to a person")


@dataclass
class Deadly(SmtpSink):
    """A mail server in whose hands the worker dies: as it takes the messages of these numbers."""

    worker: Member | None = None
    at: list[int] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.worker and self.at and len(self.emails) >= self.at[0]:
            self.worker.kill()
            self.at.pop(0)
        return answer


def _killed(smtp: Deadly, left: int) -> bool:
    return len(smtp.at) == left


def _fill(now: dt.datetime) -> None:
    """Of ten: one without consent, one with no address to write to, one who had marketing lately."""
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        store.quiet_hours = []
        changes = [Change(f"M-{place}", _person(place)) for place in range(CUSTOMERS)]
        receive(session, store, "customer", changes, shop.TILL, now)


def _person(place: int) -> dict[str, Any]:
    email = "nobody(at)nowhere" if place % 10 == 1 else f"c{place}@example.com"
    tags = ["all", "lately"] if place % 10 == 2 else ["all"]
    return {"first_name": f"Mia {place}", "email": email, "marketing_consent": place % 10 != 0, "tags": tags}


def _meant() -> list[str]:
    return [f"c{place}@example.com" for place in range(CUSTOMERS) if place % 10 > 2]


def _written_to_lately(now: dt.datetime) -> None:
    _start(_campaign("lately", None, now))
    campaign_sending.send_all(lambda: now, lambda: True)
    perform_all(now, most=CUSTOMERS)


def _campaign(tag: str, once_in_days: int | None, now: dt.datetime) -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        fits = [shop.condition("tags", "contains", tag)]
        segment = segment_edits.save(session, store, user, None, tag, fits, now)
        return campaign_edits.create(session, store, user, segment, tag, MESSAGE, once_in_days, now).id


def _start(id: int) -> None:
    with write() as session:
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        campaign_edits.start(session, session.get_one(Campaign, id), user)


def _worker(app: Flask, folder: Path) -> Member:
    db.session.rollback()
    db.engine.dispose()
    environment = {"DATABASE_URL": app.config["DATABASE_URL"], "SECRET_KEY": app.config["SECRET_KEY"]}
    environment |= {"DATA_FOLDER": str(folder), "PUBLIC_URL": SITE}
    return Member(incubator(), WORKER, environment, folder / "worker.log", patches=SOON)


def _runs(id: int) -> list[Run]:
    """Those of one campaign."""
    mine = db.session.query(Run).join(Run.evaluation).join(Evaluation.version)
    return mine.join(Campaign, Campaign.version_id == Version.id).filter(Campaign.id == id).all()


def _at_rest() -> bool:
    left = sa.select(sa.func.count(Run.id)).where(Run.state.not_in(FINAL))
    sending = sa.select(sa.func.count(Campaign.id)).where(Campaign.state != SENT)
    return not db.session.scalar(left) and not db.session.scalar(sending)


def _decide(smtp: SmtpSink, id: int) -> int:
    """What only a person can tell of a plain mail server: whether the message under way arrived."""
    arrived = {to for one in smtp.recipients for to in one}
    db.session.rollback()
    unsure = [run.id for run in _runs(id) if run.state == UNKNOWN]
    for run_id in unsure:
        with write() as session:
            run = session.get_one(Run, run_id)
            user = session.query(User).filter_by(email="rosa@bloom.example").one()
            to = run.attempts[-1].prepared["to"]
            decide = run_decisions.arrived if to in arrived else run_decisions.send_again
            decide(session, run, user, dt.datetime.now(dt.UTC))
    return len(unsure)
