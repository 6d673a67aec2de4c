"""A database lost for a moment, at any point of a run, is waited for, and no worker counts as dead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.db import base
from automations.models.db.base import CommitUnknown, db
from automations.models.tables.run import SUCCEEDED, Run
from tests.kit import shop
from tests.kit.fire import fire
from tests.kit.outside.outside import allowing
from tests.kit.outside.sinks import Sinks, sinks
from tests.kit.statements import before_each_statement
from tests.kit.steps import perform_runs, queue, record_outcomes

pytestmark = pytest.mark.slow

ANNA = 1

#: Loses the database at its n-th use; yields a list with the number of uses.
Away = Callable[[pytest.MonkeyPatch, int], AbstractContextManager[list[int]]]


@pytest.fixture
def outside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sinks]:
    monkeypatch.setattr(base, "PAUSE", 0)
    with sinks(faults=0) as outside_systems:
        fire.publish_automations(app, outside_systems)
        with allowing("127.0.0.1"):
            yield outside_systems


@contextmanager
def at_statement(_patch: pytest.MonkeyPatch, wanted: int) -> Iterator[list[int]]:
    """Lose the connection before the `wanted`-th statement reaches the database, by either road."""
    count = [0]

    def before(_connection: sa.Connection, text: str) -> None:
        count[0] += 1
        if count[0] == wanted:
            raise sa.exc.OperationalError(text, {}, Exception("it is away"), connection_invalidated=True)

    with before_each_statement(before):
        yield count


@contextmanager
def after_commit(patch: pytest.MonkeyPatch, wanted: int) -> Iterator[list[int]]:
    """Lose the connection after the `wanted`-th commit is stored, before its answer arrives."""
    count, commit = [0], base._commit

    def commit_without_answer(session: sa.orm.Session) -> None:
        commit(session)
        count[0] += 1
        if count[0] == wanted:
            raise CommitUnknown("it is away")

    with patch.context() as inner:
        inner.setattr(base, "_commit", commit_without_answer)
        yield count


def do_all(app: Flask) -> None:
    if ids := queue():
        record_outcomes(perform_runs(app, ids))
    db.session.rollback()


@pytest.mark.parametrize("away", [at_statement, after_commit])
def test_a_run_is_done_once_and_no_death_counted_wherever_the_database_fails(
    app: Flask, outside: Sinks, monkeypatch: pytest.MonkeyPatch, away: Away
) -> None:
    wanted, count = 0, [1]
    while wanted <= count[0]:
        wanted += 1
        about = f"{wanted}/0"
        values = {"note": about, "total": Decimal("124.50"), "fulfilment_method": "delivery"}
        shop.place_order(str(wanted), customer_id=ANNA, **values)
        first = shop.runs()[-3].id
        ids = queue()
        with away(monkeypatch, wanted) as count:
            outcomes = perform_runs(app, ids)
            record_outcomes(outcomes)
        do_all(app)
        runs = db.session.query(Run).filter(Run.id >= first).all()
        assert [run.state for run in runs] == [SUCCEEDED] * 3, (wanted, [run.reason for run in runs])
        # A claim whose commit was not confirmed looks as if its worker had died.
        assert not outcomes or {run.deaths is None for run in runs} == {True}, wanted
        assert outside.emails[f"confirm {about}"] == outside.calls[f"book {about}"] == 1
    assert wanted > (20 if away is at_statement else 5)
