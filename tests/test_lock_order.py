"""All changes lock the same tables in the same order, so they cannot deadlock."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from automations.features.authoring import archiving
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.delivery import circuit_breaker, ownership
from automations.pipeline.runs import held_while_off, store_hold
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.kit.locks import recording_lock_order
from tests.kit.pages.request_examples import EXAMPLES
from tests.kit.statements import recorded_statements
from tests.web.test_everything_is_audited import World
from tests.world import NOW

#: Held, then locked -> why nobody can wait there.
ALONE = {("sign_in_failure", "sign_in_link"): "links of long ago are removed, which nobody else touches"}


def test_all_changes_take_locks_in_the_same_order(app: Flask, bloom: Store, rosa: User) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # it locks as a whole, and says so in no statement
    world = World(app, bloom, rosa)
    with recording_lock_order() as order:
        for endpoint in EXAMPLES:
            order.doing = endpoint
            world.send(endpoint)
        order.doing = "the worker"
        perform_due()
    circle = order.circle(ALONE)
    assert not circle, order.told(circle)
    assert len(order.after) > 5


def test_a_change_of_many_runs_locks_them_by_id(bloom: Store, rosa: User) -> None:
    if db.engine.dialect.name == "sqlite":
        return
    one = db.session.get_one(Automation, shop.publish_automation("Thanks", "created"))
    finn = db.session.query(User).filter_by(email="finn@bloom.example").one()
    host = (bloom.id, "down.example")
    changes: list[Callable[[Session], object]] = [
        lambda session: [
            circuit_breaker.failed(session, *host, "down", NOW) for _ in range(circuit_breaker.FAILURES)
        ],
        lambda session: circuit_breaker.hold_back(session, NOW),
        lambda session: circuit_breaker.answered(session, *host, NOW),
        lambda session: held_while_off.release(session, one, NOW),
        lambda session: ownership.take_over(session, one, finn, NOW),
        lambda session: archiving.archive(session, one, rosa, NOW),
        lambda session: store_hold.begin(session, NOW),
    ]
    with recorded_statements() as statements:
        for change in changes:
            with write() as session:
                change(session)
    of_runs = [text for text, _ in statements if "UPDATE run SET" in text]
    assert len(of_runs) >= 6
    assert [text for text in of_runs if "ORDER BY run.id FOR NO KEY UPDATE" not in text] == []
