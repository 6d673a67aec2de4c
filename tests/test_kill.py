"""kill -9 while orders come in: nothing acknowledged is lost, and nothing is sent twice."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from automations.models.base import db
from automations.models.occurrence import Evaluation, Occurrence
from automations.models.order import Order
from automations.models.run import FINAL, SUCCEEDED, UNKNOWN, Message, Run
from tests.kit.fleet import fleet
from tests.kit.live import eventually
from tests.kit.set_up import api_key, use_smtp_server
from tests.kit.shop import condition, email_to, publish_automation
from tests.kit.smtp import SmtpSink
from tests.kit.till import Till

ORDERS = 60
KILLS = 8
SEED = 20261122


def test_nothing_is_lost_and_nothing_is_sent_twice(app: Flask, tmp_path: Path) -> None:
    paid = [
        condition("fulfilment_method", "equals", "delivery"),
        condition("payment_status", "equals", "paid"),
    ]
    publish_automation("Confirm", "created", *paid, actions=[email_to(), email_to("manager")])
    publish_automation("Never", "created", condition("fulfilment_method", "equals", "relay"))
    key = api_key("till")

    with SmtpSink() as smtp:
        use_smtp_server(app, smtp.port)
        db.session.rollback()
        db.engine.dispose()
        with fleet(app, tmp_path, SEED) as programs:
            tills = [Till(programs.web_port, key, name, ORDERS) for name in ("A", "B")]
            for till in tills:
                till.start()
            for _ in range(KILLS):
                time.sleep(programs.chance.uniform(0.3, 1.2))
                programs.kill_one()
            for till in tills:
                till.join(timeout=60)
            eventually(_at_rest)
            programs.stop()
        _check(smtp, [number for till in tills for number in till.acknowledged])


def _at_rest() -> bool:
    return not db.session.scalar(sa.select(sa.func.count(Run.id)).where(Run.state.not_in(FINAL)))


def _check(smtp: SmtpSink, acknowledged: list[str]) -> None:
    assert len(acknowledged) == 2 * ORDERS, "every order was acknowledged in the end"
    stored = Counter(db.session.scalars(sa.select(Order.number)))
    assert stored == Counter(acknowledged)

    created = sa.select(Occurrence.record_id).where(Occurrence.subject == "order")
    assert set(Counter(db.session.scalars(created)).values()) == {1}
    evaluated = Counter(db.session.scalars(sa.select(Evaluation.occurrence_id)))
    assert len(evaluated) == len(stored) and set(evaluated.values()) == {1}
    runs = db.session.scalars(sa.select(Run)).all()
    assert Counter(run.evaluation_id for run in runs) == Counter(dict.fromkeys(_ids(Evaluation), 2))

    assert {run.state for run in runs} <= {SUCCEEDED, UNKNOWN}
    arrived = smtp.per_message_id()
    assert set(arrived.values()) == {1}, "no email twice"
    assert len(arrived) >= sum(run.state == SUCCEEDED for run in runs)
    assert len(arrived) <= len(runs)
    sent = Counter(db.session.scalars(sa.select(Message.run_id)))
    assert sent == Counter(run.id for run in runs if run.state == SUCCEEDED)


def _ids(model: type[Evaluation]) -> list[int]:
    return list(db.session.scalars(sa.select(model.id)))
