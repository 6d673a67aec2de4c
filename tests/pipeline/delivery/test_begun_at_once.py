"""The first time, requests are claimed and begun in one transaction; what goes wrong there loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from automations.faults import crash
from automations.models.db import base
from automations.models.db.base import db
from automations.models.tables.run import RUNNING, SUCCEEDED, WAITING
from automations.pipeline.delivery import opening
from automations.pipeline.delivery.perform import perform
from automations.pipeline.delivery.settle import settle_with_notes
from tests.kit import shop
from tests.kit.doing import BOX
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink
from tests.kit.steps import WORKFLOW, queue
from tests.pipeline.delivery.test_away_while_doing import Away, after_commit, at_statement
from tests.world import NOW


@pytest.fixture
def sink(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpSink]:
    monkeypatch.setattr(base, "PAUSE", 0)
    with HttpSink() as sink, allowing("127.0.0.1"):
        shop.publish_automation("Book", "created", actions=[shop.request_to(sink.url())])
        yield sink


def do(run_ids: list[int] | None = None, first_time: bool = True) -> int:
    performed = perform(run_ids or queue(), WORKFLOW, BOX, lambda: NOW, first_time=first_time)
    return settle_with_notes(performed, NOW)


def passed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(crash, "at", names.append)
    return names


def test_a_run_tried_for_the_first_time_leaves_after_one_commit(
    sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.place_order("1")
    ids = queue()
    names = passed(monkeypatch)
    assert do(ids) == 1
    assert names[: names.index("send.begun")].count("write.committed") == 1
    assert names.count("write.committed") == 2


def test_a_workflow_that_a_worker_may_have_died_of_is_claimed_first(
    sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.place_order("1")
    ids = queue()
    names = passed(monkeypatch)
    assert do(ids, first_time=False) == 1
    assert names[: names.index("send.begun")].count("write.committed") == 2


def test_a_run_that_was_tried_before_is_claimed_first(
    sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.place_order("1")
    shop.set_run(shop.runs()[0].id, tries=1)
    ids = queue()
    names = passed(monkeypatch)
    assert do(ids) == 1
    assert names[: names.index("send.begun")].count("write.committed") == 2


def test_a_run_that_cannot_be_rendered_stays_claimed(sink: HttpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.place_order("1")

    def broken(*_: Any) -> list[Any]:
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr(opening, "_render", broken)
    with pytest.raises(RuntimeError):
        do()
    db.session.rollback()
    (run,) = shop.runs()
    # So the sweep finds it, and counts a death.
    assert (run.state, run.tries, run.workflow_id) == (RUNNING, 1, WORKFLOW)


@pytest.mark.slow
@pytest.mark.parametrize("away", [at_statement, after_commit])
def test_wherever_the_database_fails_the_request_arrives_once(
    sink: HttpSink, monkeypatch: pytest.MonkeyPatch, away: Away
) -> None:
    wanted, count = 0, [1]
    while wanted <= count[0]:
        wanted += 1
        shop.place_order(str(wanted))
        ids = queue()
        with away(monkeypatch, wanted) as count:
            do(ids)
        for _ in range(2):
            if any(run.state == WAITING for run in shop.runs()):
                do()
        db.session.rollback()
        assert {run.state for run in shop.runs()} == {SUCCEEDED}, wanted
        assert len(sink.seen) == wanted
    assert wanted > (10 if away is at_statement else 2)
