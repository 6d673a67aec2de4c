"""Threads that come at the same time: one works for all, and nobody is left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from automations.pipeline.intake import gathering
from automations.pipeline.intake.gathering import Gathering, OutcomeUnknown, Party

Numbers = Gathering[int, str]
Lead = Callable[[Party[int, str]], None]
LIMIT = 30.0


def nothing() -> None:
    pass


def alone(work: int) -> str:
    return f"{work} alone"


def together(group: Party[int, str]) -> None:
    """Take everybody along, and answer each with the number of members."""
    group.take(lambda _: True)
    members = list(group)
    for seat in members:
        seat.outcome = lambda work=seat.work: f"{work} of {len(members)}"


class Crowd:
    """Threads at a gathering, each with its answer, or with the error it met."""

    def __init__(self) -> None:
        self.gathering = Numbers()
        self.answers: dict[int, str | BaseException] = {}
        self._threads: list[threading.Thread] = []

    def comes(self, work: int, lead: Lead, before_waiting: Callable[[], None] = nothing) -> None:
        """Let a thread come, and return once it waits, leads or is done."""

        def come() -> None:
            try:
                self.answers[work] = self.gathering.do(work, lead, alone, before_waiting)
            except BaseException as error:
                self.answers[work] = error

        thread = threading.Thread(target=come)
        self._threads.append(thread)
        waiting = len(self.gathering._queue) + 1
        thread.start()
        for _ in range(int(LIMIT / 0.01)):
            if len(self.gathering._queue) >= waiting or not thread.is_alive() or waiting == 1:
                return
            thread.join(0.01)
        raise AssertionError(f"{work} neither waits nor is done.")

    def ends(self) -> dict[int, str | BaseException]:
        for thread in self._threads:
            thread.join(LIMIT)
            assert not thread.is_alive()
        assert not self.gathering._is_led
        assert not self.gathering._queue
        return self.answers


@contextmanager
def meanwhile(crowd: Crowd, lead: Lead) -> Iterator[None]:
    """Let number 0 lead for as long as the block lasts, then do `lead`."""
    leads, may_end = threading.Event(), threading.Event()

    def slowly(group: Party[int, str]) -> None:
        leads.set()
        may_end.wait(LIMIT)
        lead(group)

    crowd.comes(0, slowly)
    assert leads.wait(LIMIT)
    try:
        yield
    finally:
        may_end.set()


def only_itself(group: Party[int, str]) -> None:
    next(iter(group)).outcome = lambda: "done"


def queue(crowd: Crowd, lead: Lead, *works: int) -> None:
    for place, work in enumerate(works, 1):
        thread_lead = lead
        crowd.comes(work, thread_lead)
        _until(lambda place=place: len(crowd.gathering._queue) == place)


def _until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(LIMIT / 0.01)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("It did not become true in time.")


def test_one_who_comes_alone_leads_at_once() -> None:
    crowd = Crowd()
    crowd.comes(7, together)
    assert crowd.ends() == {7: "7 of 1"}


def test_those_who_come_while_somebody_works_are_done_by_the_first_of_them() -> None:
    crowd = Crowd()
    with meanwhile(crowd, only_itself):
        queue(crowd, together, 1, 2, 3)
    assert crowd.ends() == {0: "done", 1: "1 of 3", 2: "2 of 3", 3: "3 of 3"}


def test_a_leader_takes_those_who_came_while_it_got_ready() -> None:
    crowd = Crowd()
    with meanwhile(crowd, together):
        queue(crowd, together, 1, 2)
    assert crowd.ends() == {0: "0 of 3", 1: "1 of 3", 2: "2 of 3"}


def test_those_who_do_not_fit_wait_for_the_next_leader_in_their_order() -> None:
    crowd = Crowd()

    def even(group: Party[int, str]) -> None:
        parity = next(iter(group)).work % 2
        group.take(lambda work: work % 2 == parity)
        for seat in group:
            seat.outcome = lambda: f"parity {parity}"

    with meanwhile(crowd, only_itself):
        queue(crowd, even, 1, 2, 3, 4)
    answers = crowd.ends()
    assert answers == {0: "done", 1: "parity 1", 2: "parity 0", 3: "parity 1", 4: "parity 0"}


def test_if_the_leader_fails_before_anything_is_done_each_goes_alone() -> None:
    crowd = Crowd()

    def fail(group: Party[int, str]) -> None:
        group.take(lambda _: True)
        raise KeyError("broken")

    with meanwhile(crowd, fail):
        queue(crowd, together, 1, 2)
    answers = crowd.ends()
    assert isinstance(answers.pop(0), KeyError)
    assert answers == {1: "1 alone", 2: "2 alone"}


@pytest.mark.parametrize("error", [KeyError, SystemExit])
def test_if_the_leader_ends_when_it_may_be_done_nobody_does_it_again(error: type[BaseException]) -> None:
    crowd = Crowd()

    def fail(group: Party[int, str]) -> None:
        group.take(lambda _: True)
        group.is_open = True
        raise error

    with meanwhile(crowd, fail):
        queue(crowd, together, 1, 2)
    assert [type(answer) for answer in crowd.ends().values()] == [error, OutcomeUnknown, OutcomeUnknown]


def test_one_who_goes_before_waiting_keeps_nobody_from_leading() -> None:
    crowd = Crowd()

    def fail() -> None:
        raise SystemExit

    with meanwhile(crowd, only_itself):
        crowd.comes(1, together, before_waiting=fail)
        _until(lambda: 1 in crowd.answers)
        queue(crowd, together, 2)
    answers = crowd.ends()
    assert isinstance(answers.pop(1), SystemExit)
    assert answers == {0: "done", 2: "2 of 1"}


def test_one_whom_no_leader_takes_in_time_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LONGEST_QUEUE", 0.05)
    crowd = Crowd()
    with meanwhile(crowd, together):
        crowd.comes(1, together)
        _until(lambda: 1 in crowd.answers)
    assert crowd.ends() == {0: "0 of 1", 1: "1 alone"}


def test_one_whom_a_leader_took_never_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LONGEST_QUEUE", 0.05)
    monkeypatch.setattr(gathering, "LONGEST_TAKEN", 0.05)
    crowd, taken, may_end = Crowd(), threading.Event(), threading.Event()

    def hang(group: Party[int, str]) -> None:
        _until(lambda: len(crowd.gathering._queue) == 1)
        group.take(lambda _: True)
        taken.set()
        may_end.wait(LIMIT)
        together(group)

    crowd.comes(0, hang)
    crowd.comes(1, together)
    assert taken.wait(LIMIT)
    _until(lambda: 1 in crowd.answers)
    may_end.set()
    answers = crowd.ends()
    assert answers[0] == "0 of 2"
    assert isinstance(answers[1], OutcomeUnknown)
