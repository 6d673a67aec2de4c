"""Requests leave side by side: as many to a host as its limit says, and those of a record in turn."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from automations.actions.shared.action_kind import HTTP
from automations.models.db.base import db
from automations.models.settings.call_limits import MOST, CallLimits
from automations.models.tables.run import SUCCEEDED, Run
from automations.pipeline.delivery import side_by_side
from automations.pipeline.delivery.attempts import OpenedRun, Reply
from automations.pipeline.runs import claimed_run
from automations.pipeline.runs.claimed_run import ClaimedRun, Part, RunOutcome
from tests.kit.live import wait_until, working
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink, Seen
from tests.kit.queue.one_thread import CallsOfOneThread
from tests.kit.set_up import calls_at_once
from tests.kit.shop import never_held, place_order, publish_automation, request_to
from tests.world import NOW

EARLIER = NOW.replace(year=2020)
COUNT = 30


class Crowd:
    """Answers a request once `enough` are there at the same time, or after a moment."""

    def __init__(self, enough: int) -> None:
        self.most = self._now = 0
        self._enough = enough
        self._changed = threading.Condition()

    def __call__(self, _request: Seen) -> int:
        with self._changed:
            self._now += 1
            self.most = max(self.most, self._now)
            self._changed.notify_all()
            # Those that would be too many get a moment to come.
            self._changed.wait_for(lambda: self.most > self._enough, timeout=0.1)
            self._now -= 1
        return 200


@pytest.mark.parametrize(("limit", "expected"), [(1, 1), (4, 4), (10, 10)])
def test_a_host_gets_as_many_requests_at_once_as_its_limit_says(
    app: Flask, limit: int, expected: int
) -> None:
    crowd = Crowd(limit)
    calls_at_once(limit)
    with allowing("127.0.0.1"), HttpSink(answer=crowd) as sink:
        publish_automation("Book", "created", actions=[request_to(sink.url())])
        # On a slow machine the rest would wait for a manager as too many at once.
        never_held()
        for number in range(COUNT):
            place_order(f"N-{number}", now=EARLIER)
        with working(app):
            wait_until(lambda: done() == COUNT, limit=240, instead=runs_by_state)
        assert len(sink.seen) == COUNT
    assert crowd.most <= limit
    # Two workflows need not be under way at the same moment; one of them always gets its share.
    assert crowd.most >= CallLimits(limit).share("127.0.0.1")
    assert expected == CallLimits(limit).share("127.0.0.1") * CallLimits(limit).workflows("127.0.0.1")


def done() -> int:
    db.session.rollback()
    return db.session.query(Run).filter_by(state=SUCCEEDED).count()


def runs_by_state() -> Counter[tuple[str, str | None]]:
    return Counter((run.state, run.reason) for run in db.session.query(Run))


@given(st.integers(1, MOST))
def test_the_shares_of_all_workflows_never_exceed_the_limit(limit: int) -> None:
    limits = CallLimits(limit)
    together = limits.workflows("a.example") * limits.share("a.example")
    assert limit // 2 < together <= limit


def test_a_host_may_have_a_limit_of_its_own() -> None:
    limits = CallLimits(10, {"slow.example": 1})
    assert (limits.of("slow.example"), limits.of("fast.example")) == (1, 10)
    assert (limits.workflows("slow.example"), limits.share("slow.example")) == (1, 1)


class Desk:
    """Runs that all may leave; notes which left and ended when."""

    def __init__(self, fails: set[int], stops: set[int], ends_after: int) -> None:
        self.notes: Any = self
        self.alarm = False
        self.log: list[tuple[str, int]] = []
        self.under_way: Counter[int] = Counter()
        self.most = 0
        self._fails, self._stops, self._left = fails, stops, ends_after

    def may_begin(self) -> bool:
        return self._left > 0

    def ready(self, runs: Sequence[OpenedRun]) -> list[OpenedRun | RunOutcome]:
        return [self._ready(opened) for opened in runs]

    def _ready(self, opened: OpenedRun) -> OpenedRun | RunOutcome:
        if opened.run.run_id in self._stops:
            return claimed_run.skipped(opened.run, "stopped")
        self._left -= 1
        self.log.append(("left", opened.run.run_id))
        self.under_way[opened.run.record_id] += 1
        assert self.under_way[opened.run.record_id] == 1, "two of one record at the same time"
        self.most = max(self.most, self.under_way.total())
        return opened

    def call(self, opened: OpenedRun) -> side_by_side.Replies:
        (part,) = opened.to_send
        part.result = claimed_run.SENT
        return [(part, Reply(down=opened.run.run_id in self._fails))]

    def add(self, opened: OpenedRun, _part: Part, reply: Reply) -> None:
        self.log.append(("ended", opened.run.run_id))
        self.under_way[opened.run.record_id] -= 1
        self.alarm = self.alarm or reply.down

    def write_if_late(self) -> None:
        raise AssertionError("every call ends when it is asked for")


def opened(run_id: int, record: int) -> OpenedRun:
    run = ClaimedRun(run_id, "w", 1, 1, "http_request", {}, "order", {}, {}, record_id=record)
    part = Part(0, claimed_run.STARTED, "", {"channel": HTTP}, "http")
    connector = SimpleNamespace(outside=True, keyed=True, host="")
    connectors: Any = SimpleNamespace(of=lambda _channel: connector)
    return OpenedRun(run, [part], connectors, begun=True)


@given(
    records=st.lists(st.integers(1, 4), max_size=12),
    at_once=st.integers(2, 5),
    order=st.randoms(use_true_random=False),
    fails=st.sets(st.integers(0, 11), max_size=2),
    stops=st.sets(st.integers(0, 11), max_size=3),
    ends_after=st.integers(0, 20),
)
def test_whatever_ends_first_the_requests_of_a_record_leave_in_turn(
    records: list[int], at_once: int, order: Any, fails: set[int], stops: set[int], ends_after: int
) -> None:
    class Drawn(CallsOfOneThread):
        def next(self, seconds: float) -> tuple[int, side_by_side.Replies | BaseException] | None:
            # Several may have ended when one is asked for.
            more = self.under_way and order.random() < 0.5
            return super().next(seconds or (1.0 if more else 0.0))

        def chosen(self) -> int:
            place: int = order.randrange(self.under_way)
            return place

    desk = Desk(fails, stops, ends_after)
    runs = [opened(id, record) for id, record in enumerate(records)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(side_by_side, "Calls", Drawn)
        outcomes = side_by_side.send(runs, at_once, desk)
    left = [id for what, id in desk.log if what == "left"]
    assert len(set(left)) == len(left) and desk.most <= at_once
    assert not +desk.under_way, "nothing is under way any more"
    for record in set(records):
        assert sorted(of := [id for id in left if records[id] == record]) == of
        # What is left for later comes after everything that left: no run is passed by one behind it.
        missing = [id for id in range(len(records)) if records[id] == record and id not in outcomes]
        assert all(id > other for id in missing for other in of)
    failures = [place for place, (what, id) in enumerate(desk.log) if what == "ended" and id in fails]
    if failures:
        assert all(what == "ended" for what, _ in desk.log[failures[0] :]), "nothing begins after a failure"
    elif ends_after >= len(records) and len(set(records)) > 1:
        assert set(outcomes) == set(range(len(records)))


def test_free_places_wait_for_others_so_that_one_look_does_for_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = []

    class Looking(Desk):
        def ready(self, runs: Sequence[OpenedRun]) -> list[OpenedRun | RunOutcome]:
            looks.append(len(runs))
            return super().ready(runs)

    monkeypatch.setattr(side_by_side, "Calls", CallsOfOneThread)
    monkeypatch.setattr(side_by_side, "_GATHER", 60.0)
    runs = [opened(id, record=id) for id in range(20)]
    assert len(side_by_side.send(runs, 10, Looking(set(), set(), ends_after=20))) == 20
    assert looks == [10, 5, 5]


def test_an_error_in_a_call_ends_the_workflow_only_when_no_call_is_under_way() -> None:
    goes_on, entered = threading.Event(), threading.Event()
    ended: list[int] = []

    class Failing(Desk):
        def call(self, opened: OpenedRun) -> side_by_side.Replies:
            if opened.run.run_id == 0:
                entered.wait(60)
                threading.Timer(0.1, goes_on.set).start()
                raise KeyError("a fault of the program")
            entered.set()
            goes_on.wait(60)
            ended.append(opened.run.run_id)
            return super().call(opened)

    with pytest.raises(KeyError):
        side_by_side.send([opened(0, 1), opened(1, 2)], 2, Failing(set(), set(), 9))
    assert ended == [1]
